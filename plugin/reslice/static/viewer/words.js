/** DICOM's values as people write them, and elements that hold them as text. */

const LETTERS = [['L', 'R'], ['P', 'A'], ['H', 'F']];
const WITHOUT_PICTURES = new Set(['SR', 'PR', 'KO', 'RTSTRUCT', 'RTPLAN', 'RTRECORD', 'ECG', 'REG', 'SEG', 'FID', 'DOC']);
const LEAST_PART = Math.sin((5 * Math.PI) / 180);

/**
 * An element with attributes and children; text is set as text.
 * @template {keyof HTMLElementTagNameMap} N
 * @param {N} name @param {Readonly<Record<string, string>>} [attributes] @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[N]}
 */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/**
 * What a table holds under a name that comes from a file or a server: `constructor` is no more known than any other word.
 * @template T @param {Readonly<Record<string, T>>} table @param {string} key @returns {T | undefined}
 */
export function entryOf(table, key) {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/**
 * `Yamada, Tarou (山田 太郎, やまだ たろう)` of a person's name with its three writings (PS3.5 6.2.1).
 * @param {string | null | undefined} text
 */
export function personName(text) {
  const [first, ...others] = String(text ?? '').split('=').map((writing) => writing.split('^').map((part) => part.trim()));
  const alphabetic = [first[0], first.slice(1, 4).filter(Boolean).join(' ')].filter(Boolean).join(', ');
  const more = others.map((parts) => parts.filter(Boolean).join(' ')).filter(Boolean).join(', ');
  if (alphabetic && more) return `${alphabetic} (${more})`;
  return alphabetic || more;
}

/** `2026-01-05` of `20260105`; anything else as it is. @param {string | null | undefined} text @returns {string} */
export function day(text) {
  const found = /^(\d{4})(\d{2})(\d{2})$/.exec(text ?? '');
  return found ? found.slice(1).join('-') : text ?? '';
}

/**
 * Whether a study of these modalities may have a picture; asking in vain makes an error in the browser's log.
 * @param {readonly string[]} modalities
 */
export function mayHavePictures(modalities) {
  return modalities.some((modality) => !WITHOUT_PICTURES.has(modality));
}

/**
 * `L 12.0 mm`: how far a place lies from the origin along an axis of the patient (LPS), and on which side.
 * @param {number} millimetres @param {number} axis
 */
export function placeInWords(millimetres, axis) {
  const text = Math.abs(millimetres).toFixed(1);
  return Number(text) === 0 ? '0.0 mm' : `${LETTERS[axis][millimetres > 0 ? 0 : 1]} ${text} mm`;
}

/**
 * What lies in a direction (LPS cosines), the greatest part first; parts of less than 5 degrees are left out.
 * @param {readonly number[]} cosines
 */
export function directionLetters(cosines) {
  return cosines
    .map((part, axis) => ({ size: Math.abs(part), letter: LETTERS[axis][part > 0 ? 0 : 1] }))
    .filter(({ size }) => size >= LEAST_PART)
    .sort((one, other) => other.size - one.size)
    .map(({ letter }) => letter)
    .join('');
}

/**
 * The letters at the edges of a picture, from `Reslice-Plane`.
 * @param {{Row: readonly number[], Column: readonly number[]}} plane
 */
export function edgesOf(plane) {
  const opposite = (/** @type {readonly number[]} */ direction) => direction.map((part) => -part);
  return {
    Left: directionLetters(opposite(plane.Row)),
    Right: directionLetters(plane.Row),
    Top: directionLetters(opposite(plane.Column)),
    Bottom: directionLetters(plane.Column),
  };
}

/** `160 images`, `1 image`. @param {number} count @param {string} noun */
export function counted(count, noun) {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
