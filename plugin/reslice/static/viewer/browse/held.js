/** What a series is, in few words: its name, its kind, its volumes, and why it has none. */

import { TEXTS } from '../texts.js';
import { mayHavePictures } from '../words.js';

/**
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {Readonly<Record<string, string>>} Tags by keyword, as Orthanc's index holds them
 */

const NEVER_SLICES = new Set(['CR', 'DX', 'ES', 'GM', 'IO', 'MG', 'OP', 'PX', 'RF', 'SM', 'US', 'XA', 'XC']);
const FEW = 16;
const SMALL_PART = 0.25;

/** What a series is called. @param {Tags} tags @param {Held | null} [held] @returns {string} */
export function titleOf(tags, held = null) {
  return tags.SeriesDescription || tags.ProtocolName || numberOf(tags, held) || TEXTS.browse.noNumber;
}

/** `CT · Series 2 · 160 files`: what tells series of one name apart. @param {Tags} tags @param {Held | null} held */
export function kindOf(tags, held) {
  const number = numberOf(tags, held);
  const files = held?.InstanceCount === undefined ? '' : TEXTS.browse.files(held.InstanceCount);
  return [held?.Modality || tags.Modality, titleOf(tags, held) === number ? '' : number, files].filter(Boolean).join(' · ');
}

/** @param {Tags} tags @param {Held | null} held */
function numberOf(tags, held) {
  const number = tags.SeriesNumber || held?.SeriesNumber;
  return number || number === 0 ? TEXTS.browse.number(number) : '';
}

/** What a volume is. @param {Volume} volume */
export function volumeInWords(volume) {
  return TEXTS.browse.slices(volume.Shape[0], volume.Orientation);
}

/** Whether anything of a series can be shown. @param {Held} held */
export function hasPictures(held) {
  return held.Volumes.length + held.Stacks.length > 0;
}

/** Whether nothing is wrong with a series that is no volume: a radiograph, say, or an ultrasound clip. @param {Held} held */
export function isUsual(held) {
  return held.Volumes.length === 0 && held.Stacks.length > 0 && held.Others.length === 0 && NEVER_SLICES.has(held.Modality);
}

/** The reasons of a series that is no volume, each once. @param {Held} held */
export function whyNot(held) {
  const parts = [...held.Stacks, ...held.Others];
  return [...new Set(parts.map((part) => part.Details))].map((details) => `${details}.`).join(' ');
}

/** What is to be known about the volumes of a series, each once. @param {Held} held @returns {string[]} */
export function warningsOf(held) {
  return [...new Set(held.Volumes.flatMap((volume) => volume.Warnings.map((warning) => warning.Details)))];
}

/**
 * The series of a study in the order in which they are tried when it is opened. Those whose modality never has a picture
 * aren't; those that may be slices come first, radiographs and the like after them. Among each they come by their
 * numbers, as they are listed, but those with few images last: fewer than 16, and less than a quarter of what the
 * largest has. Such are localizers, scouts, dose sheets.
 * @template {{Instances: readonly string[], MainDicomTags: Tags}} T
 * @param {readonly T[]} listed in the order of their numbers @returns {T[]}
 */
export function likeliest(listed) {
  const shown = listed.filter(({ MainDicomTags }) => mayHavePictures([MainDicomTags.Modality ?? '']));
  return [...largeFirst(shown.filter(maySlice)), ...largeFirst(shown.filter((one) => !maySlice(one)))];
}

/** @template {{Instances: readonly string[]}} T @param {readonly T[]} series @returns {T[]} */
function largeFirst(series) {
  const largest = Math.max(0, ...series.map(({ Instances }) => Instances.length));
  const hasFew = (/** @type {T} */ { Instances }) => Instances.length < Math.min(FEW, SMALL_PART * largest);
  return [...series.filter((one) => !hasFew(one)), ...series.filter(hasFew)];
}

/** Whether a series may form a volume, by its modality. @param {{MainDicomTags: Tags}} series */
export function maySlice({ MainDicomTags }) {
  return !NEVER_SLICES.has(MainDicomTags.Modality ?? '');
}

/** In the order of `/studies/{id}/volumes`. @template {{ID: string, MainDicomTags: Tags}} T @param {readonly T[]} series @returns {T[]} */
export function byNumber(series) {
  const number = (/** @type {T} */ { MainDicomTags }) => Number.parseInt(MainDicomTags.SeriesNumber ?? '', 10) || 0;
  return [...series].sort((one, other) => number(one) - number(other) || (one.ID < other.ID ? -1 : 1));
}
