/** Measurements as files: out by a download, in by a file that somebody chooses. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';

/** @typedef {import('./records.js').Records} Records */

/** Names say nothing of the patient. */
const NAMES = /** @type {const} */ ({ csv: 'measurements.csv', json: 'measurements.json', sr: 'measurements.dcm', xlsx: 'measurements.xlsx' });

/** @typedef {keyof typeof NAMES} Format */
export const FORMATS = /** @type {readonly Format[]} */ (['csv', 'xlsx', 'json', 'sr']);

/** A download whose address holds no token. @param {Records} records @param {Format} format */
export async function download(records, format) {
  const url = URL.createObjectURL(await records.exported(format));
  const link = element('a', { href: url, download: NAMES[format], hidden: '' });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000); // the browser has it by then
}

/** Take over a file, and say what became of it. @param {Records} records @param {Blob} file */
export async function takeOver(records, file) {
  const told = await records.imported(file);
  await records.refresh();
  const { imported } = TEXTS.measure;
  const counts = [
    imported.created(told.Created.length), imported.existing(told.Existing.length),
    ...(told.Skipped.length > 0 ? [imported.skipped(told.Skipped.length)] : []),
  ];
  return [counts.join(', '), ...told.Skipped.map(reasonOf), ...told.Warnings.map(reasonOf)];
}

/** Write the report, and say what is in it. @param {Records} records */
export async function writeReport(records) {
  const told = await records.report();
  const skipped = told.Skipped.length > 0 ? [TEXTS.measure.reportSkipped(told.Skipped.length)] : [];
  return [TEXTS.measure.reported(told.Count), ...skipped, ...told.Skipped.map(reasonOf)];
}

/** @param {{Reason?: string, Details?: string}} entry */
function reasonOf({ Reason: reason, Details: details }) {
  return details ?? reason ?? '';
}
