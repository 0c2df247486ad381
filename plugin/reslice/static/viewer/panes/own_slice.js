/** Whether a plane is one of the acquisition's own slices, so that its pixels are stored ones. */

import { cross, dot, subtract, unit } from '../geometry/vectors.js';

/**
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../geometry/plane.js').PlacedPlane} PlacedPlane
 */

const PARALLEL = 1e-6;
const ON_THE_PLANE = 1e-3;

/** Index of the slice that lies on a plane, whatever the tilt; null where none does. @param {Volume} volume @param {PlacedPlane} plane */
export function ownSlice(volume, plane) {
  const normal = cross(plane.Row, plane.Column);
  const [rows, columns] = [1, 2].map((k) => unit([volume.Affine[0][k], volume.Affine[1][k], volume.Affine[2][k]]));
  if (Math.abs(dot(rows, normal)) > PARALLEL || Math.abs(dot(columns, normal)) > PARALLEL) return null;
  const found = volume.Origins.findIndex((origin) => Math.abs(dot(subtract(origin, plane.Position), normal)) < ON_THE_PLANE);
  return found < 0 ? null : found;
}
