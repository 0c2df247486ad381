/** Measurements under a hand: chosen by a click, reshaped by their handles, moved by their lines. */

import { hitAt } from './hits.js';
import { RIM, difference, outlineOf, reshaped, shifted, spacingOf } from './shapes.js';

/**
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Drag} Drag
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./desk.js').Desk} Desk
 * @typedef {import('./mapping.js').Scene} Scene
 * @typedef {import('./overlay.js').Overlay} Overlay
 * @typedef {import('./hits.js').Hit} Hit
 * @typedef {import('./types.js').Geometry} Geometry
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {{desk: Desk, overlay: Overlay, scene: () => Scene, saved: (id: string) => void, isMeasuring: boolean}} Bench isMeasuring: a drawing tool is chosen
 */

const REACH = { touch: 16, other: 8 };
const STILL = 3;

/** @param {Pane} pane @param {Vec2} at @param {PointerEvent | MouseEvent} event @param {Bench} bench @returns {Hit | null} */
export function under(pane, at, event, { desk, overlay, isMeasuring }) {
  const reach = 'pointerType' in event && event.pointerType === 'touch' ? REACH.touch : REACH.other;
  return hitAt(overlay.shown.get(pane.name) ?? [], at, reach, desk.selected, isMeasuring);
}

/** @param {Pane} pane @param {Vec2} from @param {PointerEvent} event @param {Bench} bench @returns {Drag | null} */
export function grab(pane, from, event, bench) {
  const { desk } = bench;
  const hit = under(pane, from, event, bench);
  const record = hit && desk.records.get(hit.id);
  if (!hit || !record) return null;
  if (record.Id !== desk.selected) { // chosen first, moved then
    desk.select(record.Id);
    return { move: () => undefined, end: () => undefined, cancel: () => undefined };
  }
  const change = changer(pane, from, hit, record, bench);
  let isMoved = false;
  return {
    move(at) {
      isMoved ||= Math.hypot(at[0] - from[0], at[1] - from[1]) > STILL;
      const geometry = isMoved ? change(at) : null;
      if (geometry) desk.edit(record, { Geometry: geometry });
    },
    end: () => (isMoved ? bench.saved(record.Id) : undefined),
    cancel: () => (isMoved ? desk.discard(record.Id, ['Geometry']) : undefined),
  };
}

/**
 * What becomes of the geometry when the hand is there.
 * @param {Pane} pane @param {Vec2} from @param {Hit} hit @param {RecordOf} record @param {Bench} bench
 * @returns {(at: Vec2) => Geometry | null}
 */
function changer(pane, from, hit, record, { desk, scene }) {
  const shown = desk.shown(record);
  const begin = pane.placement();
  const outline = begin && outlineOf(shown, begin, scene());
  const original = begin && originalOf(shown, hit, begin);
  if (!begin || !outline || !original) return () => null;
  const { mapping } = outline;
  const isThere = () => isSameImage(begin, pane.placement());
  const toOwn = (/** @type {Vec2} */ at) => mapping.fromPane((pane.placement() ?? begin).fromScreen(at), original);
  const { handle } = hit;
  if (!handle) {
    const first = toOwn(from);
    return (at) => (isThere() ? shifted(shown.Geometry, difference(toOwn(at), first)) : null);
  }
  const off = [handle.at[0] - from[0], handle.at[1] - from[1]]; // it isn't taken in its very middle
  const spacing = record.Calibration?.Spacing ?? spacingOf(begin);
  return (at) => (isThere() ? reshaped(shown, handle.index, toOwn([at[0] + off[0], at[1] + off[1]]), spacing) : null);
}

/**
 * Whether a pane shows the image still that a hand began on: places in pixels are those of one image alone.
 * @param {import('../types.js').Placement} begin @param {import('../types.js').Placement | null} now
 */
function isSameImage(begin, now) {
  if (!now || now.space !== begin.space) return false;
  return now.space !== 'pixel' || JSON.stringify(now.target) === JSON.stringify(begin.target);
}

/**
 * The point that is moved: where it lies tells how deep. The rim of a ball is where the pane's plane cuts it.
 * @param {RecordOf} record @param {Hit} hit @param {import('../types.js').Placement} placement @returns {import('./types.js').Place | null}
 */
function originalOf({ Geometry: { Points: points = [], Shape: shape, Space: space }, Image: image }, { handle }, placement) {
  if (shape === 'polygons' || shape === 'everywhere') return null;
  if (handle?.index === RIM && !image && space === placement.space) return placement.fromScreen(handle.at);
  return points[handle?.index ?? 0] ?? points[0] ?? null;
}
