// Windows of the page against the table that it shares with the server (tests/voi_cases.py works it out in exact fractions).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  areAlike, greyOf, isValid, paintColour, paintFloat, paintWhole, tableOf,
} from '../../../plugin/reslice/static/viewer/geometry/voi.js';

const cases = JSON.parse(readFileSync(new URL('../../voi_cases.json', import.meta.url), 'utf8'));
const NO_DATA = -32768;
const BLACK = 0xff000000;
const isWhole = found => found.values.every(value => value === null || Number.isInteger(value));
const numbers = values => values.map(value => value ?? NaN);
const grey = level => ((BLACK | (level << 16) | (level << 8) | level) >>> 0);

test('the table has windows of every function, inverted and not, whole and not', () => {
  for (const name of ['LINEAR', 'LINEAR_EXACT', 'SIGMOID']) {
    for (const invert of [true, false]) assert(cases.some(one => one.function === name && one.invert === invert));
  }
  assert(cases.some(isWhole));
  assert(!cases.every(isWhole));
});

for (const found of cases) {
  const { center, width, function: name, invert, values, expected } = found;
  test(`${name} ${center} / ${width}${invert ? ', inverted' : ''}`, () => {
    assert.deepEqual(numbers(values).map(value => greyOf(value, found)), expected);
    const floats = new Uint32Array(values.length);
    paintFloat(Float32Array.from(numbers(values)), found, null, floats);
    assert.deepEqual([...floats], expected.map(grey));
    if (!isWhole(found)) return;
    const pixels = new Uint32Array(values.length);
    paintWhole(Int16Array.from(values.map(value => value ?? NO_DATA)), tableOf(found, NO_DATA, null), pixels);
    assert.deepEqual([...pixels], expected.map(grey));
  });
}

test('padding is black, whatever the window, and its neighbours are not', () => {
  const bright = { center: -5000, width: 10, function: 'LINEAR', invert: false };
  const values = [-2001, -2000, -1995, -1990, -1989];
  const expected = [255, 0, 0, 0, 255].map(grey);
  const [whole, floats] = [new Uint32Array(5), new Uint32Array(5)];
  paintWhole(Int16Array.from(values), tableOf(bright, NO_DATA, [-2000, -1990]), whole);
  paintFloat(Float32Array.from(values), bright, [-2000, -1990], floats);
  assert.deepEqual([[...whole], [...floats]], [expected, expected]);
});

test('padding at the ends of the range of values stays within the table', () => {
  const bright = { center: -50000, width: 10, function: 'LINEAR', invert: false };
  const table = tableOf(bright, null, [-40000, -32768]);
  assert.deepEqual([table.length, table[0], table[1]], [65536, BLACK, grey(255)]);
  const high = tableOf(bright, null, [32767, 40000]);
  assert.deepEqual([high.length, high[65534], high[65535]], [65536, grey(255), BLACK]);
});

test('windows are alike when they make the same greys', () => {
  const window = { center: 1000.1, width: 2, function: 'LINEAR' };
  assert(areAlike(window, { ...window, center: 1000.1 + 1e-9 }));
  assert(!areAlike(window, { ...window, center: 1000.2 }));
  assert(!areAlike(window, { ...window, function: 'SIGMOID' }));
});

test('an inverted window leaves what is no data black', () => {
  const window = { center: 0, width: 10, function: 'LINEAR', invert: true };
  assert.equal(greyOf(NaN, window), 0);
  assert.equal(tableOf(window, NO_DATA, null)[0], BLACK);
  assert.equal(tableOf(window, null, null)[0], grey(255)); // without such a value the lowest is the brightest
});

test('colours keep their order', () => {
  const pixels = new Uint32Array(2);
  paintColour(Uint8Array.from([1, 2, 3, 250, 128, 0]), pixels);
  assert.deepEqual([...new Uint8Array(pixels.buffer)], [1, 2, 3, 255, 250, 128, 0, 255]);
});

test('widths that a function does not take are refused', () => {
  const window = (name, width, center = 0) => ({ center, width, function: name, invert: false });
  assert(isValid(window('LINEAR', 1)));
  assert(!isValid(window('LINEAR', 0.99)));
  assert(isValid(window('LINEAR_EXACT', 0.01)));
  assert(!isValid(window('SIGMOID', 0)));
  assert(!isValid(window('LINEAR', NaN)));
  assert(!isValid(window('LINEAR', 100, Infinity)));
});
