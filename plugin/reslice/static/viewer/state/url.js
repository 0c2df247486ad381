/** The state in the page's address, so that a link shows the same picture. Nothing of the patient's is in it but identifiers. */

import { areUnturned, PATIENT_AXES } from '../geometry/plane.js';
import { isValid } from '../geometry/voi.js';
import { dot, orthonormal } from '../geometry/vectors.js';
import { isNear, volumeOf } from './view.js';

/**
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').PaneName} PaneName
 */

const DIGITS = 6;
const FUNCTIONS = ['LINEAR', 'LINEAR_EXACT', 'SIGMOID'];
const PROJECTIONS = ['mean', 'mip', 'minip'];
const PANES = ['axial', 'coronal', 'sagittal', 'volume'];
const ORTHOGONAL = 0.01;
const THICKEST = 10_000;

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
  if (state.window) {
    const { center, width, function: name, invert } = state.window;
    query.set('window', [short(center), short(width), name, ...(invert ? ['invert'] : [])].join(','));
  }
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
}

/**
 * What a query changes in a state that a series has just been opened in; whatever can't be right is left out.
 * @param {URLSearchParams} query @param {ViewerState} state @returns {Partial<ViewerState>}
 */
export function patchOf(query, state) {
  const common = { ...windowOf(query) };
  if (state.volume === null) return { ...common, ...frameOf(query) };
  return { ...common, ...crosshairOf(query, state), ...axesOf(query), ...slabOf(query), ...unitOf(query, state), ...paneOf(query) };
}

/** The volume that a query names, or null. @param {URLSearchParams} query */
export function volumeIn(query) {
  const index = Number(query.get('volume') ?? '0');
  return Number.isInteger(index) && index >= 0 ? index : 0;
}

/** @param {number} value */
function short(value) {
  return String(Number(value.toFixed(DIGITS)));
}

/** @param {string | null} text @param {number} count @returns {number[] | null} */
function numbersOf(text, count) {
  const numbers = (text ?? '').split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  return numbers.length === count && numbers.every(Number.isFinite) ? numbers : null;
}

/** @param {URLSearchParams} query */
function windowOf(query) {
  const [center, width, name = 'LINEAR', invert] = (query.get('window') ?? '').split(',');
  const window = { center: Number(center || NaN), width: Number(width || NaN), function: name, invert: invert === 'invert' };
  return FUNCTIONS.includes(name) && isValid(window) ? { window } : {};
}

/** @param {URLSearchParams} query */
function frameOf(query) {
  const frame = Number(query.get('frame') ?? NaN);
  return Number.isInteger(frame) && frame >= 0 ? { frame } : {};
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
