/** Planes in the patient: which directions each pane has, and from pixels to millimetres and back. */

import { add, along, cross, dot, length, negative, orthonormal, scale, subtract, unit, vectorOf } from './vectors.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').PlaneFacts} PlaneFacts
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {{row: Vec3, column: Vec3, normal: Vec3}} Directions `normal` points away from the viewer: row x column
 * @typedef {PlaneFacts & {Position: Vec3, Row: Vec3, Column: Vec3, Spacing: readonly [number, number]}} PlacedPlane
 */

/** @type {readonly PlaneName[]} */
export const PLANES = ['axial', 'coronal', 'sagittal'];

/** Which of the (turned) patient axes a plane lies across: its position is the coordinate along that one. */
export const ACROSS = { axial: 2, coronal: 1, sagittal: 0 };

/** @type {readonly [Vec3, Vec3, Vec3]} */
export const PATIENT_AXES = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

/** One less the cosine of an angle that is none: float noise of turning. */
const STRAIGHT = 1e-12;

/** The same of directions that files give. */
const UNTURNED = 1e-9;

/** Sine of the angle under which a plane's normal hides what ought to be up. */
const HIDDEN = 0.3;

/**
 * Along the row, down the column and away from the viewer, of a pane: axial from the feet, coronal from the front, sagittal
 * from the patient's left, the head up. Turned planes are shown as near to that as they can be: what is turned about a
 * pane's own normal turns its crosshair, not its picture.
 * @param {PlaneName} name
 * @param {readonly [Vec3, Vec3, Vec3]} axes the patient's axes, or the turned ones
 * @returns {Directions}
 */
export function directionsOf(name, axes) {
  const usual = alongAxes(name, axes);
  if (areUnturned(axes)) return usual;
  const wanted = alongAxes(name, PATIENT_AXES);
  const { normal } = usual;
  if (name === 'axial') {
    const row = inPlane(wanted.row, normal);
    return row ? { row, column: cross(normal, row), normal } : usual;
  }
  const column = inPlane(wanted.column, normal);
  return column ? { row: cross(column, normal), column, normal } : usual;
}

/**
 * Whether a pane shows one of the patient's own planes: of axes turned about its normal only the other panes are oblique.
 * @param {PlaneName} name @param {readonly [Vec3, Vec3, Vec3]} axes
 */
export function isPatientPlane(name, axes) {
  if (areUnturned(axes)) return true;
  const [turned, own] = [directionsOf(name, axes), alongAxes(name, PATIENT_AXES)];
  return dot(turned.row, own.row) > 1 - STRAIGHT && dot(turned.column, own.column) > 1 - STRAIGHT;
}

/** @param {PlaneName} name @param {readonly [Vec3, Vec3, Vec3]} axes @returns {Directions} */
function alongAxes(name, [x, y, z]) {
  if (name === 'axial') return { row: x, column: y, normal: z };
  if (name === 'coronal') return { row: x, column: negative(z), normal: y };
  return { row: y, column: negative(z), normal: negative(x) };
}

/**
 * A direction laid into a plane, or null where it runs along its normal.
 * @param {Vec3} direction @param {Vec3} normal @returns {Vec3 | null}
 */
function inPlane(direction, normal) {
  const part = along(direction, -dot(direction, normal), normal);
  return length(part) > HIDDEN ? unit(part) : null;
}

/**
 * Whether axes are the patient's own, to the last bit.
 * @param {readonly [Vec3, Vec3, Vec3]} axes
 */
export function areUnturned(axes) {
  return axes.every((axis, k) => axis.every((part, j) => part === PATIENT_AXES[k][j]));
}

/**
 * LPS of a place on a plane; the centre of the first pixel is (0, 0).
 * @param {PlacedPlane} plane @param {number} row @param {number} column @returns {Vec3}
 */
export function pointOf(plane, row, column) {
  return along(along(plane.Position, row * plane.Spacing[0], plane.Column), column * plane.Spacing[1], plane.Row);
}

/**
 * Where a point lies on a plane: [row, column] in pixels, and how many mm behind it (along Row x Column).
 * @param {PlacedPlane} plane @param {Vec3} point @returns {{row: number, column: number, behind: number}}
 */
export function placeOf(plane, point) {
  const from = subtract(point, plane.Position);
  const { Row: row, Column: column, Spacing: spacing } = plane;
  return { row: dot(from, column) / spacing[0], column: dot(from, row) / spacing[1], behind: dot(from, cross(row, column)) };
}

/**
 * LPS of a voxel's centre; (slice, row, column) may be fractions of regular volumes.
 * @param {Volume} volume @param {number} slice @param {number} row @param {number} column @returns {Vec3}
 */
export function voxelCentre(volume, slice, row, column) {
  const { Affine: m, Origins: origins } = volume;
  const at = Number.isInteger(slice) && origins[slice]
    ? origins[slice]
    : vectorOf((k) => m[k][0] * slice + m[k][3]);
  return vectorOf((k) => at[k] + m[k][1] * row + m[k][2] * column);
}

/**
 * The eight outer voxel centres.
 * @param {Volume} volume @returns {Vec3[]}
 */
export function corners(volume) {
  const [slices, rows, columns] = volume.Shape;
  return [0, slices - 1].flatMap((s) => [0, rows - 1].flatMap((r) => [0, columns - 1].map((c) => voxelCentre(volume, s, r, c))));
}

/**
 * The middle of the volume.
 * @param {Volume} volume @returns {Vec3}
 */
export function centreOf(volume) {
  const all = corners(volume);
  return scale(all.reduce(add), 1 / all.length);
}

/**
 * The largest of the box around all voxel centres along a direction: [low, high] in mm.
 * @param {Volume} volume @param {Vec3} direction @returns {[number, number]}
 */
export function extentAlong(volume, direction) {
  const places = corners(volume).map((corner) => dot(corner, direction));
  return [Math.min(...places), Math.max(...places)];
}

/**
 * Axes of the crosshair by which one of the panes lies in a plane; those of the patient where that will do.
 * @param {Vec3} row @param {Vec3} column @returns {readonly [Vec3, Vec3, Vec3]}
 */
export function axesThat(row, column) {
  const normal = unit(cross(row, column));
  const sizes = normal.map(Math.abs);
  const across = sizes.indexOf(Math.max(...sizes));
  if (1 - sizes[across] < UNTURNED) return PATIENT_AXES;
  if (across === 2) return upright(normal[2] > 0 ? row : negative(row), column);
  if (across === 1) return upright(normal[1] > 0 ? row : negative(row), normal[1] > 0 ? normal : negative(normal));
  return upright(normal[0] > 0 ? normal : negative(normal), normal[0] < 0 ? row : negative(row));
}

/** The frame with these first two axes. @param {Vec3} x @param {Vec3} y */
function upright(x, y) {
  return orthonormal([x, y, cross(x, y)]);
}

/** Along the rows and down the columns of a volume's slices, unit vectors. @param {Volume} volume @returns {{row: Vec3, column: Vec3}} */
export function slicePlaneOf({ Affine: m }) {
  return { row: unit(vectorOf((k) => m[k][2])), column: unit(vectorOf((k) => m[k][1])) };
}

/** The pane in which slices with a normal lie, or nearly. @param {Vec3} normal @returns {PlaneName} */
export function paneAcross(normal) {
  const sizes = normal.map(Math.abs);
  return PLANES.find((name) => ACROSS[name] === sizes.indexOf(Math.max(...sizes))) ?? 'axial';
}
