// docs/viewer.md tells the keys, gestures, presets of keys and addresses that the page has, and no others.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ORDERS, addressQuery, searchIn } from '../../../plugin/reslice/static/viewer/browse/query.js';
import { PATIENT_AXES } from '../../../plugin/reslice/static/viewer/geometry/plane.js';
import { patchOf, queryOf } from '../../../plugin/reslice/static/viewer/state/url.js';
import { EMPTY, FRONT, opened, rotated } from '../../../plugin/reslice/static/viewer/state/view.js';
import { TEXTS } from '../../../plugin/reslice/static/viewer/texts.js';
import { KEYS } from '../../../plugin/reslice/static/viewer/ui/bindings.js';
import { writtenKeys } from '../../../plugin/reslice/static/viewer/ui/help.js';

const PAGE = readFileSync(new URL('../../../docs/viewer.md', import.meta.url), 'utf8');
const AT_THE_START = ['study', 'webgl']; // read when the page is opened, and not kept in its address
const VOLUME = {
  Index: 0,
  Shape: [120, 512, 512],
  Spacing: [2.5, 0.75, 0.75],
  Affine: [[0, 0, 0.75, -190], [0, 0.75, 0, -190], [2.5, 0, 0, 0], [0, 0, 0, 1]],
  Origins: [...Array(120).keys()].map(k => [-190, -190, 2.5 * k]),
  Regular: true,
  Suv: { Factor: 2, Unit: 'g/ml' },
};
const HELD = { Series: 'series', Modality: 'CT', Volumes: [VOLUME, { ...VOLUME, Index: 1 }], Stacks: [], Others: [] };

/** What stands under a heading. */
function section(title) {
  const [, rest] = PAGE.split(`\n## ${title}\n`);
  return rest.split('\n## ')[0];
}

/** The rows of the tables of a text, without heads and rules. */
function rows(text) {
  const lines = text.split('\n');
  const cells = line => line.slice(1, -1).split('|').map(cell => cell.trim());
  return lines.filter((line, k) => line.startsWith('| ') && !(lines[k + 1] ?? '').startsWith('|---')).map(cells);
}

/** The addresses that stand as samples. */
const addresses = [...PAGE.matchAll(/^\/reslice\/viewer\/index\.html\?(.+)$/gm)].map(([, query]) => new URLSearchParams(query));

test('the tables of keys and gestures are those of the page, in its order', () => {
  const { mouseRows, touchRows } = TEXTS.ui.help;
  const keys = KEYS.flatMap(({ bindings }) => bindings.map(binding => [writtenKeys(binding), binding.text]));
  assert.deepEqual(rows(section('Mouse, touch and keys')), [...mouseRows, ...touchRows, ...keys]);
});

test('every key of an address is in the table, and no other', () => {
  const base = { ...EMPTY, ...opened('study', HELD, 1) };
  const window = { center: 40, width: 400, function: 'LINEAR' };
  const body = { look: 'mip', camera: { ...FRONT, azimuth: 30 } };
  const all = { ...base, ...rotated(base, 'axial', 0.1), window, ...body, unit: 'suv', maximised: 'axial', slab: { thickness: 1, projection: 'mip' } };
  const frames = { ...EMPTY, ...opened('study', { ...HELD, Volumes: [] }) };
  const written = new Set([all, frames].flatMap(state => [...queryOf(state).keys()]));
  const told = rows(section('Opening it')).map(([key]) => key.replaceAll('`', ''));
  assert.deepEqual(told.sort(), [...written, ...AT_THE_START].sort());
});

test('the examples of the table are understood', () => {
  const told = rows(section('Opening it')).map(cells => cells.slice(0, 2).map(cell => cell.replaceAll('`', '')));
  const state = { ...EMPTY, ...opened('study', HELD, 1) };
  const stack = { ...EMPTY, ...opened('study', { ...HELD, Volumes: [] }) };
  for (const [key, example] of told.filter(([name]) => ![...AT_THE_START, 'series', 'volume'].includes(name))) {
    const before = key === 'frame' ? stack : state;
    const after = { ...before, ...patchOf(new URLSearchParams({ [key]: example }), before) };
    assert.equal(queryOf(after).get(key), example, key);
  }
});

test('the address that stands there is one that the page writes', () => {
  const state = { ...EMPTY, ...opened(null, { ...HELD, Series: addresses[0].get('series') }) };
  assert.deepEqual(state.axes, PATIENT_AXES);
  const shown = { ...state, ...patchOf(addresses[0], state) };
  assert.equal(queryOf(shown).toString(), addresses[0].toString());
});

test('the search that stands there is one that the study browser writes', () => {
  assert.equal(addressQuery(searchIn(addresses[1])).toString(), addresses[1].toString());
  assert.equal(ORDERS.length, 7, 'seven orders');
});
