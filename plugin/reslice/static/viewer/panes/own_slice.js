/** Whether a plane is one of the acquisition's own slices, so that its pixels are stored ones. */

import { slicePlaneOf } from '../geometry/plane.js';
import { cross, dot, subtract } from '../geometry/vectors.js';

/**
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../geometry/plane.js').PlacedPlane} PlacedPlane
 */

const PARALLEL = 1e-6;
const ON_THE_PLANE = 1e-3;

/** Index of the slice that lies on a plane, whatever the tilt; null where none does. @param {Volume} volume @param {PlacedPlane} plane */
export function ownSlice(volume, plane) {
  const normal = cross(plane.Row, plane.Column);
  const { row, column } = slicePlaneOf(volume);
  if ([row, column].some((direction) => Math.abs(dot(direction, normal)) > PARALLEL)) return null;
  const found = volume.Origins.findIndex((origin) => Math.abs(dot(subtract(origin, plane.Position), normal)) < ON_THE_PLANE);
  return found < 0 ? null : found;
}

/**
 * Whether pixels of a plane that is an own slice are the stored ones: as large, and in rows and columns of the same directions.
 * @param {Volume} volume @param {PlacedPlane} plane
 */
export function hasItsGrid(volume, plane) {
  const { row: across, column: down } = slicePlaneOf(volume);
  const isStraight = isAlong(plane.Row, across) && isAlong(plane.Column, down);
  const isSwapped = isAlong(plane.Row, down) && isAlong(plane.Column, across);
  const [between, along] = isSwapped ? [volume.Spacing[2], volume.Spacing[1]] : [volume.Spacing[1], volume.Spacing[2]];
  const isAsLarge = Math.abs(plane.Spacing[0] - between) < PARALLEL && Math.abs(plane.Spacing[1] - along) < PARALLEL;
  return (isStraight || isSwapped) && isAsLarge;
}

/** @param {Vec3} one @param {Vec3} other unit vectors, either way round */
function isAlong(one, other) {
  return Math.abs(dot(one, other)) > 1 - PARALLEL;
}
