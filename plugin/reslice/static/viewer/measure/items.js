/** What is to be drawn of measurements, kept or half drawn, with the numbers that are known of them. */

import { TEXTS } from '../texts.js';
import { linesBeside } from './values.js';

/**
 * @typedef {import('./desk.js').Desk} Desk
 * @typedef {import('./overlay.js').Item} Item
 * @typedef {import('./preview.js').Preview} Preview
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 * @typedef {readonly [number, number] | null | undefined} Spacing
 */

/** @param {RecordOf} record @param {Desk} desk @param {Preview} preview @param {boolean} isDrawing the preview is asked for something else @returns {Item} */
export function itemOf(record, desk, preview, isDrawing) {
  const isPending = desk.pending.get(record.Id)?.patch.Geometry !== undefined;
  const body = desk.shown(record);
  const isSelected = record.Id === desk.selected;
  const kinds = [...(isSelected ? ['selected'] : []), ...(record.Stale ? ['stale'] : []), ...(isPending ? ['unsaved'] : [])];
  const label = record.Label ? [record.Label] : [];
  const isLive = isPending && isSelected && !isDrawing;
  const values = isLive ? live(body, preview) : isPending ? [TEXTS.measure.notSaved] : linesBeside(record.Values);
  const stale = record.Stale ? [TEXTS.measure.stale] : [];
  return { id: record.Id, body, kinds, lines: [...label, ...values, ...stale] };
}

/** @param {RecordOf} record @param {Preview} preview */
function live({ Type, Tool, Series, Volume, Image, Plane, Geometry, Calibration }, preview) {
  const body = { Type, Tool, Series, ...(Image ? { Image } : { Volume }), ...(Plane ? { Plane } : {}), Geometry };
  return draftLines(body, Calibration?.Spacing, preview);
}

/** @param {Body} body @param {Spacing} spacing @param {Preview} preview @returns {Item} */
export function draftItem(body, spacing, preview) {
  return { id: '', body, lines: draftLines(body, spacing, preview), kinds: ['draft'] };
}

/** What stands beside a draft: its numbers, or why there are none. @param {Body} body @param {Spacing} spacing @param {Preview} preview */
export function draftLines(body, spacing, preview) {
  const told = preview.of(body, spacing);
  if (told.refusal) return [told.refusal];
  const lines = linesBeside(told.values);
  return told.isExact ? lines : lines.map(TEXTS.measure.about);
}
