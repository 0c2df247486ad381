/** The state in the page's address, so that a link shows the same picture. Nothing of the patient's is in it but identifiers. */

import { areUnturned, PATIENT_AXES } from '../geometry/plane.js';
import { isValid } from '../geometry/voi.js';
import { dot, orthonormal } from '../geometry/vectors.js';
import { LEAST_ZOOM, MOST_ZOOM } from '../geometry/view.js';
import { FRONT, alongSlices, isNear, volumeOf } from './view.js';

/**
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').PaneName} PaneName
 * @typedef {import('../types.js').Camera} Camera
 */

const DIGITS = 6;
const SIGNIFICANT = 9;
const [LEAST, LARGEST] = [1e-6, 1e9]; // that the server takes
const FUNCTIONS = ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'];
const INVERTED = 'invert';
const PROJECTIONS = ['mean', 'mip', 'minip'];
const PANES = ['axial', 'coronal', 'sagittal', 'volume'];
const ORTHOGONAL = 0.01;
const THICKEST = 10_000;
const FARTHEST = 10_000;
const FULL_TURN = 360;
const UPRIGHT = 90;
const LOOK = /^[a-z]{1,20}$/i; // which there are, the pane knows

/** The query of a state. @param {ViewerState} state */
export function queryOf(state) {
  const query = new URLSearchParams();
  if (!state.series) {
    if (state.study) query.set('study', state.study);
    return query;
  }
  query.set('series', state.series);
  if (state.volume === null) query.set('frame', String(state.frame));
  else writePlace(state, query);
  const window = [...partsOf(state.window), ...(state.inverted ? [INVERTED] : [])];
  if (window.length > 0) query.set('window', window.join(','));
  return query;
}

/** @param {ViewerState} state @param {URLSearchParams} query */
function writePlace(state, query) {
  if (state.volume) query.set('volume', String(state.volume));
  query.set('at', state.crosshair.map(short).join(','));
  if (!areUnturned(state.axes)) query.set('axes', state.axes.slice(0, 2).flat().map(short).join(','));
  if (state.slab.thickness > 0) query.set('slab', `${short(state.slab.thickness)},${state.slab.projection}`);
  if (state.unit !== 'stored') query.set('unit', state.unit);
  if (state.maximised) query.set('pane', state.maximised);
  if (state.look) query.set('look', state.look);
  if (state.camera !== FRONT) writeCamera(state.camera, query);
}

/** Undisturbed parts are left out. @param {Camera} camera @param {URLSearchParams} query */
function writeCamera({ azimuth, elevation, zoom, u, v }, query) {
  const [turn, rest] = [[azimuth, elevation].map((part) => rounded(part, 2)), [zoom, u, v].map((part) => rounded(part, 3))];
  const isFitted = rest.join() === '1,0,0';
  if (!isFitted || turn.join() !== '0,0') query.set('camera', [...turn, ...(isFitted ? [] : rest)].join(','));
}

/**
 * What a query changes in a state that a series has just been opened in; whatever can't be right is left out.
 * @param {URLSearchParams} query @param {ViewerState} state @returns {Partial<ViewerState>}
 */
export function patchOf(query, state) {
  const common = { ...windowOf(query) };
  if (state.volume === null) return { ...common, ...frameOf(query) };
  return { ...common, ...sliceOf(query, state), ...crosshairOf(query, state), ...axesOf(query), ...slabOf(query), ...unitOf(query, state), ...paneOf(query), ...bodyOf(query) };
}

/** The volume that a query names, or null. @param {URLSearchParams} query */
export function volumeIn(query) {
  const index = Number(query.get('volume') ?? '0');
  return Number.isInteger(index) && index >= 0 ? index : 0;
}

/** @param {import('../types.js').WindowSetting | null} window */
function partsOf(window) {
  return window ? [exact(window.center), exact(window.width), window.function] : [];
}

/** Of any size: values needn't be of the order of millimetres. @param {number} value */
function exact(value) {
  return String(Number(value.toPrecision(SIGNIFICANT)) + 0);
}

/** @param {number} value */
function short(value) {
  return rounded(value, DIGITS);
}

/** @param {number} value @param {number} digits */
function rounded(value, digits) {
  return String(Number(value.toFixed(digits)) + 0); // -0 is 0
}

/** @param {string | null} text @param {number} count @returns {number[] | null} */
function numbersOf(text, count) {
  const numbers = (text ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
}

/** @param {URLSearchParams} query */
function windowOf(query) {
  const text = query.get('window') ?? '';
  if (text === INVERTED) return { inverted: true };
  const [center, width, name = 'LINEAR', invert] = text.split(',');
  const window = { center: Number(center || NaN), width: Number(width || NaN), function: name };
  return FUNCTIONS.includes(name) && isValid(window) && isTaken(window) ? { window, inverted: invert === INVERTED } : {};
}

/** @param {{center: number, width: number}} window */
function isTaken({ center, width }) {
  return Math.abs(center) <= LARGEST && width >= LEAST && width <= LARGEST;
}

/** @param {URLSearchParams} query */
function frameOf(query) {
  const frame = Number(query.get('frame') ?? NaN);
  return Number.isInteger(frame) && frame >= 0 ? { frame } : {};
}

/** A slice as it was acquired. @param {URLSearchParams} query @param {ViewerState} state */
function sliceOf(query, state) {
  const { frame = null } = frameOf(query);
  return frame !== null && frame < (volumeOf(state)?.Origins.length ?? 0) ? alongSlices(state, frame) : {};
}

/** @param {URLSearchParams} query @param {ViewerState} state */
function crosshairOf(query, state) {
  const at = /** @type {Vec3 | null} */ (/** @type {unknown} */ (numbersOf(query.get('at'), 3)));
  const volume = volumeOf(state);
  return at && volume && isNear(volume, at) ? { crosshair: at } : {};
}

/** @param {URLSearchParams} query @returns {Partial<ViewerState>} */
function axesOf(query) {
  const n = numbersOf(query.get('axes'), 6);
  if (!n) return {};
  const [x, y] = /** @type {[Vec3, Vec3]} */ ([[n[0], n[1], n[2]], [n[3], n[4], n[5]]]);
  const isFrame = [dot(x, x) - 1, dot(y, y) - 1, dot(x, y)].every((off) => Math.abs(off) < ORTHOGONAL);
  return isFrame ? { axes: orthonormal([x, y, PATIENT_AXES[2]]) } : {};
}

/** @param {URLSearchParams} query @returns {Partial<ViewerState>} */
function slabOf(query) {
  const [text, projection = 'mean'] = (query.get('slab') ?? '').split(',');
  const thickness = Number(text || NaN);
  if (!(thickness > 0 && thickness <= THICKEST) || !PROJECTIONS.includes(projection)) return {};
  return { slab: { thickness, projection: /** @type {'mean' | 'mip' | 'minip'} */ (projection) } };
}

/** @param {URLSearchParams} query @param {ViewerState} state @returns {Partial<ViewerState>} */
function unitOf(query, state) {
  const suv = volumeOf(state)?.Suv;
  return query.get('unit') === 'suv' && suv && 'Factor' in suv ? { unit: 'suv' } : {};
}

/** @param {URLSearchParams} query @returns {Partial<ViewerState>} */
function paneOf(query) {
  const pane = query.get('pane');
  return pane && PANES.includes(pane) ? { maximised: /** @type {PaneName} */ (pane), focus: /** @type {PaneName} */ (pane) } : {};
}

/** How the body looks, and where it is seen from. @param {URLSearchParams} query @returns {Partial<ViewerState>} */
function bodyOf(query) {
  const look = query.get('look') ?? '';
  const camera = cameraOf(query.get('camera'));
  return { ...(LOOK.test(look) ? { look } : {}), ...(camera ? { camera } : {}) };
}

/** @param {string | null} text @returns {Camera | null} */
function cameraOf(text) {
  const numbers = numbersOf(text, 5) ?? numbersOf(text && `${text},1,0,0`, 5);
  if (!numbers) return null;
  const [azimuth, elevation, zoom, u, v] = numbers;
  const isSound = azimuth >= 0 && azimuth <= FULL_TURN && Math.abs(elevation) <= UPRIGHT && zoom >= LEAST_ZOOM && zoom <= MOST_ZOOM;
  return isSound && Math.max(Math.abs(u), Math.abs(v)) <= FARTHEST ? { azimuth: azimuth % FULL_TURN, elevation, zoom, u, v } : null;
}
