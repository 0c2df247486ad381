/** Presets by name and number, and windows in another unit. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { EMPTY } from '../../../plugin/reslice/static/viewer/state/view.js';
import { shownWindow } from '../../../plugin/reslice/static/viewer/volume/window.js';
import * as windows from '../../../plugin/reslice/static/viewer/ui/windows.js';

const CT = [
  { Name: 'soft-tissue', Center: 40, Width: 400, Function: 'LINEAR' },
  { Name: 'bone', Center: 350, Width: 2000, Function: 'LINEAR' },
  { Name: 'dicom-1', Center: 10, Width: 20, Function: 'SIGMOID' },
];
const PET = [
  { Name: 'suv-5', Center: 2.5, Width: 5, Function: 'LINEAR_EXACT', Unit: 'g/ml' },
  { Name: 'dicom-1', Center: 1000, Width: 2000, Function: 'LINEAR' },
];

function stateOf(Presets, more = {}, unit = 'stored') {
  const volume = { Presets, Unit: 'HU', Suv: null, Window: null, ...more };
  return { ...EMPTY, series: 's', volume: 0, held: { Modality: 'CT', Volumes: [volume], Stacks: [] }, unit };
}

test('number keys choose presets of CT by their names', () => {
  const state = stateOf(CT);
  assert.equal(windows.numberedChoice(state, 1)?.name, 'soft-tissue');
  assert.equal(windows.numberedChoice(state, 3)?.window?.width, 2000);
  assert.equal(windows.numberedChoice(state, 2), null, 'no lung in this list: another one must not be taken for it');
  assert.equal(windows.digitOf(state, 'bone'), 3);
  assert.equal(windows.digitOf(state, 'dicom-1'), null);
});

test('number keys choose other presets in their order', () => {
  const state = stateOf([{ ...CT[2], Name: 'dicom-1' }, { ...CT[2], Name: 'dicom-2' }]);
  assert.equal(windows.numberedChoice(state, 2)?.name, 'dicom-2');
  assert.equal(windows.digitOf(state, 'dicom-2'), 2);
});

test('presets of a unit are offered in that unit only', () => {
  const facts = { Unit: 'Bq/ml', Suv: { Factor: 0.001, Unit: 'g/ml' } };
  const names = (unit) => windows.choicesOf(stateOf(PET, facts, unit)).map((choice) => choice.name);
  assert.deepEqual(names('stored'), ['dicom-1']);
  assert.deepEqual(names('suv'), ['suv-5', 'dicom-1']);
});

test("windows of the files follow the unit, those of SUV don't", () => {
  const state = stateOf(PET, { Unit: 'Bq/ml', Suv: { Factor: 0.001, Unit: 'g/ml' } }, 'suv');
  const [suv, own] = windows.choicesOf(state).map((choice) => choice.window);
  assert.deepEqual([suv?.center, suv?.width], [2.5, 5]);
  assert.deepEqual([own?.center, own?.width, own?.function], [1, 2, 'LINEAR_EXACT']);
});

test('a stack of CT offers the presets of CT, which the server knows', () => {
  const stack = { ...EMPTY, series: 's', held: { Modality: 'CT', Volumes: [], Stacks: [{}] } };
  assert.deepEqual(windows.choicesOf(stack).map((choice) => choice.window), windows.NUMBERED.map(() => null));
  assert.deepEqual(windows.choicesOf({ ...stack, held: { ...stack.held, Modality: 'US' } }), []);
});

test('the window in use is that of the state, else that of the volume in the unit shown', () => {
  const facts = { Window: { Center: 500, Width: 1000, Function: 'LINEAR', Invert: true }, Suv: { Factor: 0.01, Unit: 'g/ml' } };
  assert.deepEqual(windows.knownWindow(stateOf(PET, facts, 'suv')), { center: 5, width: 10, function: 'LINEAR_EXACT' });
  const window = { center: 1, width: 2, function: 'LINEAR' };
  assert.equal(windows.knownWindow({ ...stateOf(PET, facts), window }), window);
  assert.equal(windows.knownWindow(stateOf(PET)), null);
});

test("projections follow a window that people chose, and not the one that was the server's for planes, in any unit", () => {
  const volume = { Suv: { Factor: 0.01, Unit: 'g/ml' } };
  const usual = { window: { center: 500, width: 1000, function: 'LINEAR' }, unit: 'stored' };
  const inSuv = { center: 5, width: 10, function: 'LINEAR_EXACT' };
  assert.equal(shownWindow({ ...EMPTY, window: { ...usual.window } }, usual, volume), null);
  assert.equal(shownWindow({ ...EMPTY, window: inSuv, unit: 'suv' }, usual, volume), null);
  assert.equal(shownWindow({ ...EMPTY, window: inSuv }, usual, volume), inSuv);
  assert.equal(shownWindow({ ...EMPTY, window: inSuv, unit: 'suv' }, null, volume), inSuv);
  assert.equal(shownWindow(EMPTY, usual, volume), null);
});
