/** A small picture in a box, or words in its place. */

import { addressOf } from '../net/server.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';

const PIXELS = '256';

/** @param {string} path of a thumbnail; asked for when it comes into sight */
export function thumbnail(path) {
  const box = element('span', { class: 'thumbnail' });
  const image = /** @type {HTMLImageElement} */ (element('img', { alt: '', loading: 'lazy', decoding: 'async' }));
  image.addEventListener('error', () => image.replaceWith(TEXTS.browse.noImage), { once: true });
  image.src = addressOf(path, { size: PIXELS });
  box.append(image);
  return box;
}

/** @param {string} [words] */
export function noThumbnail(words = TEXTS.browse.noImage) {
  return element('span', { class: 'thumbnail' }, words);
}
