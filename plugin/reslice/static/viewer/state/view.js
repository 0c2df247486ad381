/** What is looked at, and how it moves: pure functions from one state to what changes in it. */

import { ACROSS, PATIENT_AXES, PLANES, axesThat, centreOf, directionsOf, isPatientPlane, paneAcross, slicePlaneOf } from '../geometry/plane.js';
import { axisOf, nearestStep, positionAt, stepsAlong } from '../geometry/steps.js';
import { along, cross, dot, orthonormal, subtract, turned } from '../geometry/vectors.js';
import { FITTED } from '../geometry/view.js';

/**
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('../types.js').WindowFacts} WindowFacts
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {Partial<ViewerState>} Patch
 */

/** The body from the front, all in view. @type {import('../types.js').Camera} */
export const FRONT = { azimuth: 0, elevation: 0, ...FITTED };

/** @type {ViewerState} */
export const EMPTY = {
  study: null,
  series: null,
  held: null,
  volume: null,
  crosshair: [0, 0, 0],
  axes: PATIENT_AXES,
  window: null,
  inverted: false,
  unit: 'stored',
  slab: { thickness: 0, projection: 'mean' },
  tool: 'window',
  maximised: null,
  focus: 'axial',
  frame: 0,
  playing: false,
  rate: 15,
  views: {},
  look: null,
  camera: FRONT,
};

/** The volume that is shown. @param {ViewerState} state @returns {Volume | null} */
export function volumeOf(state) {
  return state.volume === null ? null : state.held?.Volumes[state.volume] ?? null;
}

/**
 * A series is opened: its first volume, or else its frames.
 * @param {string | null} study @param {Held} held @param {number | null} [volume] @returns {Patch}
 */
export function opened(study, held, volume = held.Volumes.length > 0 ? 0 : null) {
  const shown = volume === null ? null : held.Volumes[volume] ?? null;
  const base = { study, series: held.Series, held, volume: shown ? shown.Index : null, frame: 0, playing: false, views: {} };
  const rest = { window: null, inverted: false, unit: EMPTY.unit, slab: EMPTY.slab, axes: PATIENT_AXES, maximised: null, look: null, camera: FRONT };
  /** @type {Patch} */
  const patch = { ...base, ...rest, focus: shown ? 'axial' : 'stack', crosshair: shown ? middleOf(shown) : EMPTY.crosshair };
  return patch;
}

/** Where the middle planes meet, as the server chooses them. @param {Volume} volume @returns {Vec3} */
export function middleOf(volume) {
  const place = [0, 0, 0];
  for (const name of PLANES) {
    const axis = ACROSS[name];
    const steps = stepsAlong(volume, PATIENT_AXES[axis]);
    place[axis] = positionAt(steps, Math.floor(steps.count / 2));
  }
  return [place[0], place[1], place[2]];
}

/** Back to the beginning: place, directions, zoom, window and slab. @param {ViewerState} state @returns {Patch} */
export function reset(state) {
  const volume = volumeOf(state);
  const common = { views: {}, window: null, inverted: false, slab: EMPTY.slab, axes: PATIENT_AXES, camera: FRONT };
  return volume ? { ...common, crosshair: middleOf(volume) } : common;
}

/** Whether slices lie obliquely in the patient, so that no plane of the patient's shows one whole. @param {Volume} volume */
export function isOblique(volume) {
  const { row, column } = slicePlaneOf(volume);
  return axesThat(row, column) !== PATIENT_AXES;
}

/**
 * The crosshair along the slices as they were acquired, and on one of them: one pane shows them whole.
 * @param {ViewerState} state @param {number} [slice] by default the one nearest to the crosshair @returns {Patch}
 */
export function alongSlices(state, slice) {
  const volume = volumeOf(state);
  if (!volume) return {};
  const { row, column } = slicePlaneOf(volume);
  const normal = cross(row, column);
  const depths = volume.Origins.map((origin) => dot(subtract(origin, state.crosshair), normal));
  const near = depths.map(Math.abs);
  const index = slice ?? near.indexOf(Math.min(...near));
  const focus = paneAcross(normal);
  const maximised = state.maximised === null || state.maximised === 'volume' ? state.maximised : focus;
  return { axes: axesThat(row, column), crosshair: along(state.crosshair, depths[index], normal), focus, maximised };
}

/** Where a plane lies, in mm along its axis. @param {ViewerState} state @param {PlaneName} name */
export function positionOf(state, name) {
  return dot(state.crosshair, axisOf(name, state.axes));
}

/**
 * The steps of a pane, and which is the nearest to what it shows.
 * @param {ViewerState} state @param {PlaneName} name
 */
export function placeAmongSteps(state, name) {
  const volume = /** @type {Volume} */ (volumeOf(state));
  const steps = stepsAlong(volume, axisOf(name, state.axes));
  return { steps, index: nearestStep(steps, positionOf(state, name)) };
}

/** The crosshair on a step of a pane; beyond the ends: the end. @param {ViewerState} state @param {PlaneName} name @param {number} index @returns {Patch} */
export function atStep(state, name, index) {
  const { steps } = placeAmongSteps(state, name);
  const position = positionAt(steps, Math.min(steps.count - 1, Math.max(0, index)));
  const axis = axisOf(name, state.axes);
  if (isPatientPlane(name, state.axes)) {
    const place = [...state.crosshair];
    place[ACROSS[name]] = position; // exactly, not up to rounding
    return { crosshair: [place[0], place[1], place[2]] };
  }
  return { crosshair: along(state.crosshair, position - dot(state.crosshair, axis), axis) };
}

/** So many steps further. @param {ViewerState} state @param {PlaneName} name @param {number} by @returns {Patch} */
export function scrolled(state, name, by) {
  return atStep(state, name, placeAmongSteps(state, name).index + by);
}

/**
 * The crosshair turned in a plane, by radians as the hand turns on the screen (positive: clockwise).
 * @param {ViewerState} state @param {PlaneName} name @param {number} angle @returns {Patch}
 */
export function rotated(state, name, angle) {
  const { normal } = directionsOf(name, state.axes);
  const [x, y, z] = state.axes;
  return { axes: orthonormal([turned(x, normal, angle), turned(y, normal, angle), turned(z, normal, angle)]) };
}

/** Whether a point lies within the volume's voxels' box. @param {Volume} volume @param {Vec3} point */
export function isNear(volume, point) {
  const centre = centreOf(volume);
  const reach = Math.hypot(...volume.Shape.map((count, k) => count * volume.Spacing[k]));
  return Math.hypot(point[0] - centre[0], point[1] - centre[1], point[2] - centre[2]) <= reach;
}

/** Whether anything has changed but how the body is seen. @param {ViewerState} now @param {ViewerState} before */
export function differFlat(now, before) {
  const keys = /** @type {(keyof ViewerState)[]} */ (Object.keys(now));
  return keys.some((key) => key !== 'camera' && key !== 'look' && now[key] !== before[key]);
}

/** A window of the server's as this page keeps it. @param {WindowFacts} facts @returns {WindowSetting} */
export function settingOf(facts) {
  return { center: facts.Center, width: facts.Width, function: facts.Function };
}
