/** What is to be drawn of measurements, kept or half drawn, with the numbers that are known of them. */

import { TEXTS } from '../texts.js';
import { inWords, linesBeside, principal } from './values.js';

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
  const isPending = isMoved(record.Id, desk);
  const body = desk.shown(record);
  const isSelected = record.Id === desk.selected;
  const kinds = [...(isSelected ? ['selected'] : []), ...(record.Stale ? ['stale'] : []), ...(isPending ? ['unsaved'] : [])];
  const label = record.Label ? [record.Label] : [];
  const isLive = isPending && isSelected && !isDrawing;
  const values = isLive ? live(body, preview) : isPending ? [TEXTS.measure.notSaved] : linesBeside(record.Values);
  const stale = record.Stale ? [TEXTS.measure.stale] : [];
  return { id: record.Id, body, kinds, lines: [...label, ...values, ...stale] };
}

/** Whether a shape was changed and isn't kept so yet. @param {string} id @param {Desk} desk */
export function isMoved(id, desk) {
  return desk.pending.get(id)?.patch.Geometry !== undefined;
}

/**
 * The number of a shape that isn't kept yet as it is drawn; null: it is, and has the server's.
 * @param {RecordOf} record @param {Desk} desk @param {Preview} preview @param {boolean} isDrawing the preview is asked for something else
 */
export function unsavedValue(record, desk, preview, isDrawing) {
  if (!isMoved(record.Id, desk)) return null;
  const { body, spacing } = sentOf(desk.shown(record));
  const told = record.Id === desk.selected && !isDrawing ? preview.of(body, spacing) : null;
  const value = told && principal(told.values);
  if (!value) return TEXTS.measure.unknown;
  return told.isExact ? inWords(value) : TEXTS.measure.about(inWords(value));
}

/** @param {RecordOf} record */
function sentOf({ Type, Tool, Series, Volume, Image, Plane, Geometry, Calibration }) {
  const body = { Type, Tool, Series, ...(Image ? { Image } : { Volume }), ...(Plane ? { Plane } : {}), Geometry };
  return { body, spacing: Calibration?.Spacing };
}

/** @param {RecordOf} record @param {Preview} preview */
function live(record, preview) {
  const { body, spacing } = sentOf(record);
  return draftLines(body, spacing, preview);
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
