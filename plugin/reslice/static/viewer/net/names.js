/** Japanese names that Orthanc's index holds only in part: those of ISO 2022 IR 13 with Kanji, read from the file itself. */

import { ask } from './server.js';

const ESCAPE = 0x1b;
const SHORT_ESCAPE = 3;
const KATAKANA_FIRST = /^\s*ISO 2022 IR 13\s*\\/;

/** Half-width Katakana, or a second writing in ASCII alone, which Kanji without their escape sequences look like. */
const MAY_BE_PARTIAL = /[\uff61-\uff9f]|=[\x21-\x7e]+$/;

/**
 * The patient's name of an instance; `indexed` unless its character sets are those.
 * @param {string | undefined} instance @param {string | undefined} indexed @returns {Promise<string | undefined>}
 */
export async function nameOf(instance, indexed) {
  if (!instance || !MAY_BE_PARTIAL.test(indexed ?? '')) return indexed;
  const file = `instances/${encodeURIComponent(instance)}/content`;
  try {
    const sets = await (await ask(`${file}/0008-0005`)).text();
    if (!KATAKANA_FIRST.test(sets)) return indexed;
    return decoded(new Uint8Array(await (await ask(`${file}/0010-0010`)).arrayBuffer()));
  } catch {
    return indexed; // the file says nothing better
  }
}

/** Text of JIS X 0201 and 0208, which take turns by escape sequences (PS3.5 H.3.2). @param {Uint8Array} bytes */
function decoded(bytes) {
  const starts = [...bytes.keys()].filter((k) => k === 0 || bytes[k] === ESCAPE);
  const pieces = starts.map((start, k) => bytes.subarray(start, starts[k + 1] ?? bytes.length));
  return pieces.map(pieceDecoded).join('').trim();
}

/** @param {Uint8Array} piece */
function pieceDecoded(piece) {
  if (piece[0] === ESCAPE && piece[1] === 0x24) return new TextDecoder('iso-2022-jp').decode(piece); // ESC $: Kanji
  return new TextDecoder('shift_jis').decode(piece[0] === ESCAPE ? piece.subarray(SHORT_ESCAPE) : piece);
}
