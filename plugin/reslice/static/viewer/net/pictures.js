/** Pictures from the server: numbers that the page windows itself, and small JPEGs while a slow line brings them. */

import { addressOf, ask } from './server.js';

/**
 * @typedef {import('../types.js').PlaneFacts} PlaneFacts
 * @typedef {import('../types.js').RawFacts} RawFacts
 * @typedef {import('../types.js').WindowFacts} WindowFacts
 * @typedef {import('../types.js').Warning} Warning
 * @typedef {Int16Array | Float32Array | Uint8Array} Values
 * @typedef {readonly [path: string, query: Record<string, string | number | boolean>]} Address
 * @typedef {object} Picture
 * @property {string} key what it is of
 * @property {PlaneFacts} plane
 * @property {WindowFacts | null} window how the server would show it; null of colour
 * @property {boolean} isInverted whether low values are bright as long as nobody turns that round: the image asks for it
 * @property {readonly Warning[]} warnings
 * @property {RawFacts | null} raw null of a preview
 * @property {Values | null} values null of a preview
 * @property {ImageBitmap | null} image of a preview; of numbers that the server shows through a table: what it shows
 * @property {ImageBitmap | null} turned the same of a table, black for white
 * @property {string | null} shape of the volume that it was cut from (`160,512,512`)
 * @property {number} bytes
 * @property {number} time when it came (performance.now)
 */

const TABLE = /voi-lut/; // the source of a window that stands for a table of the file
const MEGABYTE = 1 << 20;
const BYTES_A_PIXEL = 4;
const MOST_BYTES = 192 * MEGABYTE;

/** After so long the server is asked again whether the pixels are still those; a 304 costs a round trip. */
const FRESH_MS = 20_000;

/** Bytes that any line brings at once. */
const SMALL = MEGABYTE / 16;

/** Milliseconds that numbers may take before a preview comes first. */
const SLOW_MS = 90;

/** @type {Map<string, Picture>} in the order of their use */
const kept = new Map();
let keptBytes = 0;
/** @type {number | null} bytes a millisecond, lately; null: not known yet */
let speed = null;

/** @param {Address} address */
export function keyOf(address) {
  return addressOf(...address);
}

/** Which unit its values are in, as it was asked for. @param {Picture} picture @returns {'stored' | 'suv'} */
export function unitOf(picture) {
  return /[?&]unit=suv(&|$)/.test(picture.key) ? 'suv' : 'stored';
}

/**
 * The window that people have chosen, as a display format takes it: the server's own choice where they haven't.
 * @param {Pick<import('../types.js').ViewerState, 'window' | 'inverted'>} state @returns {Record<string, string | number>}
 */
export function windowQuery({ window, inverted }) {
  /** @type {Record<string, string | number>} */
  const chosen = window ? { 'window-center': window.center, 'window-width': window.width, 'voi-function': window.function } : {};
  return { ...chosen, ...(inverted ? { invert: 'true' } : {}) };
}

/** A picture that is here and fresh. @param {string} key @returns {Picture | null} */
export function held(key) {
  const found = kept.get(key);
  if (!found || performance.now() - found.time > FRESH_MS) return null;
  kept.delete(key);
  kept.set(key, found);
  return found;
}

/** Forget all pictures. */
export function forgetAll() {
  kept.clear();
  keptBytes = 0;
}

/** Whether so many bytes would keep somebody waiting. @param {number} bytes */
export function isSlow(bytes) {
  return bytes > SMALL && (speed === null || bytes / speed > SLOW_MS);
}

/**
 * The numbers of a picture. Throws Refused, or AbortError.
 * @param {Address} address with format=raw @param {AbortSignal} signal @returns {Promise<Picture>}
 */
export async function readNumbers(address, signal) {
  const answer = await ask(...address, { signal });
  const begun = performance.now();
  const body = await answer.arrayBuffer();
  learn(body.byteLength, performance.now() - begun);
  const raw = /** @type {RawFacts} */ (told(answer, 'Reslice-Raw'));
  const picture = { ...facts(answer, keyOf(address)), raw, values: valuesOf(raw, body), image: null, turned: null, bytes: body.byteLength };
  keep(picture);
  return picture;
}

/**
 * A picture in a display format, not kept.
 * @param {Address} address @param {AbortSignal} signal @returns {Promise<Picture>}
 */
export async function readPreview(address, signal) {
  const answer = await ask(...address, { signal });
  const blob = await answer.blob();
  return { ...facts(answer, keyOf(address)), raw: null, values: null, image: await createImageBitmap(blob), turned: null, bytes: blob.size };
}

/** Whether the server shows it through a table of the file, of which the window is only the range. @param {Picture} picture */
export function isTable(picture) {
  return TABLE.test(picture.window?.Source ?? '');
}

/**
 * The same picture through the file's own table, which no window tells; kept with its numbers. Whether there is another now.
 * @param {Picture} picture @param {boolean} inverted @param {AbortSignal} signal @returns {Promise<boolean>}
 */
export async function readThroughTable(picture, inverted, signal) {
  const name = inverted ? 'turned' : 'image';
  if (!picture.values || picture[name] || !isTable(picture)) return false;
  const shown = picture.key.replace('format=raw', 'format=png');
  const answer = await fetch(inverted ? `${shown}&invert=true` : shown, { signal }).catch(() => null);
  if (!answer?.ok || !isSame(picture.plane, told(answer, 'Reslice-Plane'))) return false;
  const image = await createImageBitmap(await answer.blob());
  picture[name] = image;
  grow(picture, BYTES_A_PIXEL * image.width * image.height);
  return true;
}

/** Whether it is the same image: its number may be another's by now. @param {PlaneFacts} one @param {PlaneFacts | null} other */
function isSame(one, other) {
  return other !== null && /** @type {const} */ (['Instance', 'Frame', 'Index', 'Count']).every((key) => one[key] === other[key]);
}

/** @param {Response} answer @param {string} key */
function facts(answer, key) {
  const window = /** @type {WindowFacts | null} */ (told(answer, 'Reslice-Window'));
  return {
    key,
    plane: /** @type {PlaneFacts} */ (told(answer, 'Reslice-Plane')),
    window,
    isInverted: (window?.Invert ?? false) !== isTurnedRound(key),
    warnings: /** @type {Warning[]} */ (told(answer, 'Reslice-Warnings') ?? []),
    shape: told(answer, 'Reslice-Volume')?.Shape?.join() ?? null,
    time: performance.now(),
  };
}

/** Whether it was asked for the other way round. @param {string} key */
function isTurnedRound(key) {
  return /[?&]invert=true(&|$)/.test(key);
}

/** @param {Response} answer @param {string} name */
function told(answer, name) {
  const text = answer.headers.get(name);
  return text === null ? null : JSON.parse(text);
}

/** @param {RawFacts} raw @param {ArrayBuffer} body @returns {Values} */
function valuesOf(raw, body) {
  if (raw.Type === 'int16') return new Int16Array(body);
  return raw.Type === 'float32' ? new Float32Array(body) : new Uint8Array(body);
}

/** @param {number} bytes @param {number} milliseconds */
function learn(bytes, milliseconds) {
  if (bytes < SMALL) return; // it came with the headers
  const now = bytes / Math.max(milliseconds, 1);
  speed = speed === null ? now : speed + (now - speed) / 3;
}

/** What is kept of a picture takes more room. @param {Picture} picture @param {number} bytes */
function grow(picture, bytes) {
  picture.bytes += bytes;
  if (kept.get(picture.key) === picture) keptBytes += bytes;
}

/** @param {Picture} picture */
function keep(picture) {
  keptBytes += picture.bytes - (kept.get(picture.key)?.bytes ?? 0);
  kept.delete(picture.key);
  kept.set(picture.key, picture);
  for (const [key, oldest] of kept) {
    if (keptBytes <= MOST_BYTES) break;
    kept.delete(key);
    keptBytes -= oldest.bytes;
  }
}
