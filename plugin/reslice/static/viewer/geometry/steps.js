/** The planes that scrolling visits, as the server counts them: from the lowest voxel centre on, a voxel a step. */

import { ACROSS, PATIENT_AXES, directionsOf, extentAlong, isPatientPlane, voxelCentre } from './plane.js';
import { dot, length, negative, vectorOf } from './vectors.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {object} Steps
 * @property {number} first mm along the axis
 * @property {number} step mm
 * @property {number} count
 * @property {readonly number[]} places mm, increasing, where slices are uneven; else empty
 */

const ROUNDING = 1e-6;

/** Positions nearer to a step than this (mm) are that step: they are asked for by its index, bit for bit the slice. */
export const ON_A_STEP = 1e-4;

/**
 * The direction along which positions of a pane are counted: of the patient's own planes the LPS coordinate.
 * @param {PlaneName} name @param {readonly [Vec3, Vec3, Vec3]} axes @returns {Vec3}
 */
export function axisOf(name, axes) {
  if (isPatientPlane(name, axes)) return PATIENT_AXES[ACROSS[name]];
  const { normal } = directionsOf(name, axes);
  return name === 'sagittal' ? negative(normal) : normal; // as the patient's own: to the left
}

/**
 * @param {Volume} volume @param {Vec3} axis unit vector @returns {Steps}
 */
export function stepsAlong(volume, axis) {
  const nearest = nearestAxis(volume, axis);
  if (nearest === 0 && !volume.Regular && areSlicesAcross(volume, axis)) return ofSlices(volume, axis);
  const [low, high] = extentAlong(volume, axis);
  const step = volume.Spacing[nearest];
  return { first: low, step, count: Math.floor((high - low) / step + ROUNDING) + 1, places: [] };
}

/** @param {Steps} steps @param {number} index mm of a step */
export function positionAt(steps, index) {
  return steps.places.length > 0 ? steps.places[index] : steps.first + index * steps.step;
}

/** @param {Steps} steps @param {number} position mm @returns {number} the nearest step */
export function nearestStep(steps, position) {
  if (steps.places.length === 0) return clamp(Math.round((position - steps.first) / steps.step), steps.count);
  const distances = steps.places.map((place) => Math.abs(place - position));
  return distances.indexOf(Math.min(...distances));
}

/**
 * The index of the step that a position is, or null where it lies between steps or beyond them.
 * @param {Steps} steps @param {number} position mm
 */
export function stepOf(steps, position) {
  const index = nearestStep(steps, position);
  return Math.abs(positionAt(steps, index) - position) < ON_A_STEP ? index : null;
}

/** @param {Volume} volume @param {Vec3} axis @returns {0 | 1 | 2} the volume's axis (slice, row, column) nearest to it */
export function nearestAxis(volume, axis) {
  const cosines = [0, 1, 2].map((k) => {
    const step = vectorOf((j) => volume.Affine[j][k]);
    return Math.abs(dot(step, axis)) / length(step);
  });
  return /** @type {0 | 1 | 2} */ (cosines.indexOf(Math.max(...cosines)));
}

/** @param {number} index @param {number} count */
function clamp(index, count) {
  return Math.min(count - 1, Math.max(0, index));
}

/** @param {Volume} volume @param {Vec3} axis @returns {Steps} */
function ofSlices(volume, axis) {
  const places = sliceCentres(volume, axis).sort((a, b) => a - b);
  return { first: places[0], step: volume.Spacing[0], count: places.length, places };
}

/** @param {Volume} volume @param {Vec3} axis */
function sliceCentres(volume, axis) {
  const [slices, rows, columns] = volume.Shape;
  return [...Array(slices).keys()].map((k) => dot(voxelCentre(volume, k, (rows - 1) / 2, (columns - 1) / 2), axis));
}

/**
 * Whether slices follow each other along an axis: none leans over half a gap.
 * @param {Volume} volume @param {Vec3} axis
 */
function areSlicesAcross(volume, axis) {
  const { Affine: m, Shape: shape } = volume;
  const along = (/** @type {number} */ k) => Math.abs(m[0][k] * axis[0] + m[1][k] * axis[1] + m[2][k] * axis[2]);
  const leaning = along(1) * (shape[1] - 1) + along(2) * (shape[2] - 1);
  const places = sliceCentres(volume, axis);
  const gaps = places.slice(1).map((place, k) => Math.abs(place - places[k]));
  return leaning < Math.min(...gaps) / 2;
}
