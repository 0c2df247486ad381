/** The small volume of bytes that is looked through: coarse at first, then finer. */

import { ask } from '../net/server.js';
import { firstMapping, mappingOf, queryOf } from './mapping.js';

/**
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').WindowFacts} WindowFacts
 * @typedef {import('./mapping.js').Mapping} Mapping
 * @typedef {{series: string, volume: Volume, modality: string}} Subject
 * @typedef {object} Grid
 * @property {Uint8Array} bytes
 * @property {readonly [number, number, number]} shape slices, rows, columns
 * @property {readonly (readonly number[])[]} affine (slice, row, column, 1) to LPS mm
 * @property {readonly number[]} factors how many voxels became one, along each axis
 * @property {Mapping} mapping in the stored unit
 * @typedef {object} Listening
 * @property {AbortSignal} signal
 * @property {(grid: Grid) => void} grid
 * @property {(part: number) => void} progress of the answer that is coming, 0 to 1
 * @property {() => Promise<void>} rest resolves when a finer one may be asked for
 */

const SIZES = [64, 128, 256];
const PROBE = 16;
const INVERT = { invert: 'true' };

/** Load one grid after the other. @param {Subject} subject @param {Listening} listening */
export async function loadGrids(subject, listening) {
  const { signal } = listening;
  const { mapping, invert } = await beginning(subject, signal);
  let shown = [Infinity];
  for (const size of SIZES) {
    if (shown.every((factor) => factor === 1)) return;
    if (shown[0] !== Infinity) await listening.rest();
    signal.throwIfAborted();
    const answer = await answerOf(subject, size, { ...queryOf(mapping), ...invert }, signal);
    const grid = await gridOf(answer, mapping, listening.progress);
    signal.throwIfAborted();
    if (grid.factors.join() !== shown.join()) listening.grid(grid);
    shown = [...grid.factors];
  }
}

/** The coarsest grid alone. @param {Subject} subject @param {AbortSignal} signal @returns {Promise<Grid>} */
export async function coarsestGrid(subject, signal) {
  const { mapping, invert } = await beginning(subject, signal);
  const answer = await answerOf(subject, SIZES[0], { ...queryOf(mapping), ...invert }, signal);
  return gridOf(answer, mapping, () => {});
}

/** The mapping, and what makes high values high bytes where the images themselves ask for inversion. @param {Subject} subject @param {AbortSignal} signal */
async function beginning(subject, signal) {
  const { volume, modality } = subject;
  const first = firstMapping(volume);
  if (first && volume.Window) return { mapping: first, invert: volume.Window.Invert ? INVERT : {} };
  const answer = await answerOf(subject, PROBE, { preset: 'auto' }, signal);
  const found = /** @type {WindowFacts} */ (factsOf(answer, 'Reslice-Window'));
  await answer.arrayBuffer();
  return { mapping: first ?? mappingOf(found, volume, modality), invert: found.Invert ? INVERT : {} };
}

/** @param {Subject} subject @param {number} size @param {Record<string, string>} query @param {AbortSignal} signal */
function answerOf({ series, volume }, size, query, signal) {
  const path = `series/${encodeURIComponent(series)}/volumes/${volume.Index}/voxels`;
  /** @type {Record<string, string>} */
  const even = volume.Regular ? {} : { resample: 'true' };
  return ask(path, { format: 'raw', type: 'uint8', 'max-size': String(size), ...even, ...query }, { signal });
}

/** @param {Response} answer @param {string} name */
function factsOf(answer, name) {
  return JSON.parse(answer.headers.get(name) ?? 'null');
}

/** @param {Response} answer @param {Mapping} mapping @param {(part: number) => void} progress @returns {Promise<Grid>} */
async function gridOf(answer, mapping, progress) {
  const told = factsOf(answer, 'Reslice-Volume');
  const raw = factsOf(answer, 'Reslice-Raw');
  const bytes = await bytesOf(answer, raw.Shape.reduce((/** @type {number} */ a, /** @type {number} */ b) => a * b, 1), progress);
  return { bytes, shape: raw.Shape, affine: told.Affine, factors: told.Factors ?? [1, 1, 1], mapping };
}

/** @param {Response} answer @param {number} size @param {(part: number) => void} progress */
async function bytesOf(answer, size, progress) {
  const bytes = new Uint8Array(size);
  const reader = /** @type {ReadableStream<Uint8Array>} */ (answer.body).getReader();
  let count = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    if (count + value.length > size) throw new Error('The answer is longer than it says.');
    bytes.set(value, count);
    count += value.length;
    progress(count / size);
  }
  if (count < size) throw new Error('The answer was cut off.');
  return bytes;
}
