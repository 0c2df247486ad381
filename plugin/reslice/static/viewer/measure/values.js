/** Values as people write them, and those that a page knows before the server has answered. Pure. */

import { cross, dot, length, subtract } from '../geometry/vectors.js';
import { TEXTS } from '../texts.js';
import { entryOf } from '../words.js';
import { difference, distance } from './shapes.js';
import { vector } from './mapping.js';

/**
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Place} Place
 * @typedef {import('./types.js').Value} Value
 * @typedef {readonly [number, number] | null | undefined} Spacing
 */

const DIGITS = /** @type {Readonly<Record<string, number>>} */ ({ mm: 1, px: 1, deg: 1, mm2: 1, px2: 1, mm3: 0, cm3: 2, HU: 1, 'g/ml': 2, 1: 2 });
const UNITS = /** @type {Readonly<Record<string, string>>} */ ({ deg: '°', mm2: 'mm²', mm3: 'mm³', cm3: 'cm³', px2: 'px²', 1: '' });
const FEW = 4;
const MM3_A_CM3 = 1000;

/** `12.3 mm`. @param {Value} value */
export function inWords(value) {
  const shown = entryOf(UNITS, value.Unit) ?? value.Unit;
  return shown === '°' || shown === '' ? digitsOf(value) + shown : `${digitsOf(value)} ${shown}`;
}

/** As many digits as its unit deserves; values of whole numbers stay whole. @param {Value} value */
function digitsOf({ Name: name, Value: value, Unit: unit }) {
  const digits = entryOf(DIGITS, unit);
  const isWhole = name === 'Count' || (Number.isInteger(value) && !Object.hasOwn(UNITS, unit) && unit !== 'mm' && unit !== 'px');
  if (isWhole) return String(value);
  return digits === undefined ? String(Number(value.toPrecision(FEW))) : value.toFixed(digits);
}

/** The value that a measurement is about; a large volume in cm3. @param {readonly Value[]} values @returns {Value | null} */
export function principal(values) {
  const volumes = values.filter((value) => value.Name === 'Volume');
  const [mm3, cm3] = ['mm3', 'cm3'].map((unit) => volumes.find((value) => value.Unit === unit));
  if (mm3 && cm3) return mm3.Value < MM3_A_CM3 ? mm3 : cm3;
  const names = ['Length', 'Angle', 'Area', 'Volume', 'Mean', 'Value'];
  return names.flatMap((name) => values.find((value) => value.Name === name) ?? [])[0] ?? null;
}

/** The same with its name where no shape tells it: the middle of a ball has a value too. @param {Value} value */
export function named(value) {
  return value.Name === 'Mean' ? `${TEXTS.measure.values.Mean} ${inWords(value)}` : inWords(value);
}

/** The lines beside a shape: the principal value, and of areas and regions the mean and its spread. @param {readonly Value[]} values @returns {string[]} */
export function linesBeside(values) {
  const first = principal(values);
  if (!first) return [];
  const [mean, spread] = ['Mean', 'StandardDeviation'].map((name) => values.find((value) => value.Name === name));
  const second = mean && spread && first !== mean ? [`${digitsOf(mean)} ± ${inWords(spread)}`] : [];
  const other = values.find((value) => value.Name === 'Supplement');
  return [other ? `${inWords(first)} (${inWords(other)})` : named(first), ...second];
}

/**
 * Lengths and angles of what is being drawn, until the server has answered.
 * @param {Body} body @param {Spacing} spacing mm between rows and columns of pixels @returns {Value[]}
 */
export function preview(body, spacing) {
  const { Points: points = [], Space: space } = body.Geometry;
  if (body.Type === 'distance' && points.length > 1) return [lengthOf(points, space, spacing)];
  if (body.Tool === 'angle' && points.length === 3) return angle(points[1], points[0], points[1], points[2], space, spacing);
  return [];
}

/** @param {readonly Place[]} points @param {'LPS' | 'pixel'} space @param {Spacing} spacing @returns {Value} */
function lengthOf(points, space, spacing) {
  const parts = points.slice(1).map((point, k) => distance(points[k], point, space, spacing ?? [1, 1]) ?? 0);
  const isKnown = space === 'LPS' || Boolean(spacing);
  return { Name: 'Length', Value: parts.reduce((sum, part) => sum + part, 0), Unit: isKnown ? 'mm' : 'px' };
}

/** Between two directions. @param {Place} a @param {Place} b @param {Place} c @param {Place} d @param {'LPS' | 'pixel'} space @param {Spacing} spacing @returns {Value[]} */
function angle(a, b, c, d, space, spacing) {
  if (space === 'pixel' && !spacing) return [];
  const [u, v] = [[a, b], [c, d]].map(([from, to]) => (space === 'LPS' ? subtract(vector(to), vector(from)) : onImage(difference(to, from), spacing ?? [1, 1])));
  return [{ Name: 'Angle', Value: (Math.atan2(length(cross(u, v)), dot(u, v)) * 180) / Math.PI, Unit: 'deg' }];
}

/** @param {readonly number[]} pixels @param {readonly [number, number]} spacing @returns {import('../types.js').Vec3} */
function onImage([columns, rows], [down, right]) {
  return [columns * right, rows * down, 0];
}
