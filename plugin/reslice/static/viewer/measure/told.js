/** What a measurement is and where it lies, in words. */

import { directionInWords, pointInWords } from '../panes/told.js';
import { TEXTS } from '../texts.js';
import { entryOf, placeInWords } from '../words.js';
import { middleOf } from './destination.js';
import { frameOf, gridOf, normalOf } from './mapping.js';
import { principal } from './values.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('./mapping.js').Scene} Scene
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 */

const STRAIGHT = 1e-6;
const ACROSS = /** @type {const} */ (['sagittal', 'coronal', 'axial']);

/** @param {string} tool */
export function toolInWords(tool) {
  return entryOf(TEXTS.measure.tools, tool) ?? tool;
}

/** A point with a ball or a disc around it is the mean of that, not the value in its middle. @param {RecordOf} record */
export function kindInWords({ Tool: tool, Values: values }) {
  return tool === 'point' && principal(values)?.Name === 'Mean' ? TEXTS.measure.values.Mean : toolInWords(tool);
}

/**
 * `Axial · H 34.5 mm` of what lies on a plane of the patient, `Image 12 of 40` on a stored one; '' where nothing tells.
 * @param {Body & {Source?: Readonly<Record<string, unknown>>}} body @param {Scene} scene
 */
export function whereInWords(body, scene) {
  const isOpen = body.Series === undefined || body.Series === scene.series;
  const grid = isOpen ? gridOf(frameOf(body, scene.frames), scene.volume) : null;
  const normal = body.Plane || isOpen ? normalOf(body, scene) : null;
  const point = middleOf(body, grid);
  if (normal && point) return onPlane(normal, point) ?? (imageInWords(body, scene) || TEXTS.panes.oblique(directionInWords(normal)));
  if (body.Image) return imageInWords(body, scene);
  return point ? pointInWords(point) : '';
}

/** @param {Vec3} normal @param {Vec3} point @returns {string | null} null: of an oblique plane */
function onPlane(normal, point) {
  const axis = normal.findIndex((part) => 1 - Math.abs(part) < STRAIGHT);
  return axis < 0 ? null : `${TEXTS.panes[ACROSS[axis]]} · ${placeInWords(point[axis], axis)}`;
}

/** By its number among those that are scrolled through; nothing is said of a single one. @param {Body & {Source?: Readonly<Record<string, unknown>>}} body @param {Scene} scene */
function imageInWords(body, { frames }) {
  const frame = frameOf(body, frames);
  const loose = frame?.Volume === null ? frames.filter((one) => one.Volume === null) : frames;
  if (frame) return loose.length > 1 ? TEXTS.measure.imageOf(loose.indexOf(frame) + 1, loose.length) : '';
  const index = body.Source?.SliceIndex;
  return body.Image && typeof index === 'number' ? TEXTS.measure.image(index + 1) : '';
}

/** Where measurements lie in what is open; kept, since the list may be long. */
export class Places {
  /** @param {() => Scene} scene */
  constructor(scene) {
    this.scene = scene;
    /** @type {WeakMap<Body, string>} */
    this.known = new WeakMap();
  }

  /** Something else is open. */
  forget() {
    this.known = new WeakMap();
  }

  /** @param {Body} record */
  of(record) {
    const where = this.known.get(record) ?? whereInWords(record, this.scene());
    this.known.set(record, where);
    return where;
  }
}
