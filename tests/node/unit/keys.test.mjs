/** One key, one meaning; and the help sheet's writing of keys. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { stepOf } from '../../../plugin/reslice/static/viewer/measure/keys.js';
import { KEYS, TOOLS, bindingOf } from '../../../plugin/reslice/static/viewer/ui/bindings.js';
import { writtenKeys } from '../../../plugin/reslice/static/viewer/ui/help.js';
import { wrap } from '../../../plugin/reslice/static/viewer/ui/keyimage.js';
import { linkOf } from '../../../plugin/reslice/static/viewer/ui/link.js';
import { nextOf } from '../../../plugin/reslice/static/viewer/ui/roving.js';
import { stopOf, STOPS } from '../../../plugin/reslice/static/viewer/ui/slab_group.js';
import { EMPTY } from '../../../plugin/reslice/static/viewer/state/view.js';

const ALL = KEYS.flatMap((group) => group.bindings);

test('no key means two things', () => {
  const used = ALL.flatMap(({ keys, held }) => keys.map((key) => `${held ?? ''} ${key}`));
  assert.deepEqual(used.filter((key, k) => used.indexOf(key) !== k), []);
});

test('every key that the table lists is found, with its own text', () => {
  for (const binding of ALL.filter((one) => one.run)) {
    for (const key of binding.keys) assert.equal(bindingOf(key, binding.held === 'Alt', false), binding);
    assert.ok(binding.text);
  }
});

test('capitals by Caps Lock count, letters with Shift and with Alt do not', () => {
  assert.equal(bindingOf('W', false, false)?.keys[0], 'w');
  assert.equal(bindingOf('W', false, true), null);
  assert.equal(bindingOf('w', true, false), null);
  assert.equal(bindingOf('z', false, false)?.text, 'Zoom', 'not the undo that is told beside it');
});

test('all tools of the toolbar have a key but Cobb', () => {
  assert.deepEqual(TOOLS.filter(([, key]) => !bindingOf(key, false, false)).map(([name]) => name), ['cobb']);
});

test('keys are written as on a keyboard', () => {
  assert.equal(writtenKeys({ keys: ['r', ' '], text: '' }), 'R or Space');
  assert.equal(writtenKeys({ keys: ['ArrowLeft'], held: 'Alt', text: '' }), 'Alt+\u2190');
});

test('the keys of undo and redo are those of the sheet', () => {
  const told = ALL.filter(({ held }) => held?.startsWith('Ctrl')).flatMap(({ keys, held, text }) => keys.map((key) => [key, held, text]));
  for (const [key, held, text] of told) assert.equal(stepOf({ key, ctrlKey: true, shiftKey: held === 'Ctrl+Shift' }), text.toLowerCase());
  assert.equal(told.length, 3);
  for (const other of [{ key: 'z' }, { key: 'y', ctrlKey: true, altKey: true }, { key: 'y', ctrlKey: true, shiftKey: true }]) assert.equal(stepOf(other), null);
});

test('lines are broken between words, and words that are too long within', () => {
  const width = (text) => text.length;
  assert.deepEqual(wrap('one two three', 7, width), ['one two', 'three']);
  assert.deepEqual(wrap('abcdefghij k', 4, width), ['abcd', 'efgh', 'ij k']);
  assert.deepEqual(wrap('abc', 0, width), ['a', 'b', 'c']);
});

test('a link holds the state and neither token nor password', () => {
  const state = { ...EMPTY, series: 'one', volume: null, frame: 3 };
  const link = linkOf(state, 'http://user:pw@host/orthanc/reslice/viewer/index.html?token=secret&series=two#x');
  assert.equal(link, 'http://host/orthanc/reslice/viewer/index.html?series=one&frame=3');
});

test('arrows go round in the toolbar', () => {
  assert.deepEqual(['ArrowLeft', 'ArrowRight', 'Home', 'End', 'x'].map((key) => nextOf(key, 0, 5)), [4, 1, 0, 4, -1]);
});

test('the slider stops nearest to a thickness', () => {
  assert.equal(STOPS[stopOf(0)], 0);
  assert.equal(STOPS[stopOf(11.4)], 12);
  assert.equal(STOPS[stopOf(10_000)], 50);
});
