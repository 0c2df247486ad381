// The state of the page: how it moves, and how an address holds it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PATIENT_AXES } from '../../../plugin/reslice/static/viewer/geometry/plane.js';
import { Store } from '../../../plugin/reslice/static/viewer/state/store.js';
import { patchOf, queryOf, volumeIn } from '../../../plugin/reslice/static/viewer/state/url.js';
import {
  EMPTY, FRONT, atStep, differFlat, isNear, opened, placeAmongSteps, positionOf, reset, rotated, scrolled, settingOf, volumeOf,
} from '../../../plugin/reslice/static/viewer/state/view.js';

/** Slices of 2.5 mm from z = -100 up to -2.5, 30 rows of 2 mm from y = 5, 20 columns of 1.5 mm from x = -10. */
const VOLUME = {
  Index: 0,
  Shape: [40, 30, 20],
  Spacing: [2.5, 2, 1.5],
  Affine: [[0, 0, 1.5, -10], [0, 2, 0, 5], [2.5, 0, 0, -100], [0, 0, 0, 1]],
  Origins: [...Array(40).keys()].map(k => [-10, 5, -100 + 2.5 * k]),
  Regular: true,
  Suv: { Factor: 2, Unit: 'g/ml' },
};
const HELD = { Series: 'series', Modality: 'CT', Volumes: [VOLUME, { ...VOLUME, Index: 1, Suv: null }], Stacks: [], Others: [] };
const OPENED = { ...EMPTY, ...opened('study', HELD) };
const TURNED = { azimuth: 12.25, elevation: -35.5, zoom: 1.323, u: -10.125, v: 4 };
const STACK = { ...EMPTY, ...opened('study', { ...HELD, Volumes: [] }) };

function moved(state, change, ...rest) {
  return { ...state, ...change(state, ...rest) };
}

function assertNear(found, expected, off = 1e-6) {
  found.forEach((value, k) => assert(Math.abs(value - expected[k]) <= off, `${found} is not ${expected}`));
}

test('a series opens with its first volume, in the middle', () => {
  assert.equal(volumeOf(OPENED), VOLUME);
  assert.deepEqual(OPENED.crosshair, [-10 + 10 * 1.5, 5 + 15 * 2, -100 + 20 * 2.5]);
  assert.equal(OPENED.focus, 'axial');
});

test('a series without a volume opens with its frames', () => {
  assert.deepEqual([volumeOf(STACK), STACK.volume, STACK.focus, STACK.frame], [null, null, 'stack', 0]);
});

test('a volume that a series does not hold is none', () => {
  assert.equal({ ...EMPTY, ...opened('study', HELD, 7) }.volume, null);
});

test('what was set for one series does not hold for the next', () => {
  const touched = { ...OPENED, window: { center: 1, width: 2, function: 'LINEAR' }, inverted: true, unit: 'suv', playing: true };
  const next = { ...touched, look: 'mip', camera: TURNED, ...opened('study', HELD, 1) };
  const { window, inverted, unit, playing, slab, views, look, camera } = next;
  assert.deepEqual([window, inverted, unit, playing, slab.thickness, views, look, camera], [null, false, 'stored', false, 0, {}, null, FRONT]);
});

test('scrolling goes a slice a step, towards the head in axial panes, and ends at the ends', () => {
  const up = moved(OPENED, scrolled, 'axial', 3);
  assert.deepEqual(up.crosshair, [5, 35, -42.5]);
  assert.deepEqual(moved(OPENED, scrolled, 'axial', 1000).crosshair[2], -2.5);
  assert.deepEqual(moved(OPENED, scrolled, 'axial', -1000).crosshair[2], -100);
  assert.deepEqual(moved(OPENED, scrolled, 'sagittal', 1).crosshair, [6.5, 35, -50]);
  assert.deepEqual(moved(OPENED, scrolled, 'coronal', -1).crosshair, [5, 33, -50]);
});

test('a place between two slices is left for whole ones', () => {
  const between = { ...OPENED, crosshair: [5, 35, -49] };
  assert.equal(placeAmongSteps(between, 'axial').index, 20);
  assert.equal(moved(between, scrolled, 'axial', 1).crosshair[2], -47.5);
  assert.deepEqual(moved(between, atStep, 'axial', 0).crosshair, [5, 35, -100]);
});

test('turned by a quarter the panes change places, and turned back they are where they were', () => {
  const turned = moved(OPENED, rotated, 'axial', Math.PI / 2);
  assertNear(turned.axes.flat(), [0, 1, 0, -1, 0, 0, 0, 0, 1], 1e-12);
  assert.deepEqual(turned.crosshair, OPENED.crosshair);
  assertNear(moved(turned, rotated, 'axial', -Math.PI / 2).axes.flat(), PATIENT_AXES.flat(), 1e-12);
});

test('a thousand small turns leave the axes square', () => {
  let state = OPENED;
  for (let k = 0; k < 1000; k += 1) state = moved(state, rotated, ['axial', 'coronal', 'sagittal'][k % 3], 0.013);
  const dots = state.axes.flatMap(one => state.axes.map(other => one.reduce((sum, part, k) => sum + part * other[k], 0)));
  assertNear(dots, PATIENT_AXES.flat(), 1e-12);
});

test('scrolling along turned axes moves the crosshair along them alone', () => {
  const turned = moved(OPENED, rotated, 'coronal', 0.4);
  const further = moved(turned, scrolled, 'axial', 2);
  const by = further.crosshair.map((part, k) => part - turned.crosshair[k]);
  const along = by.reduce((sum, part, k) => sum + part * turned.axes[2][k], 0);
  assertNear(by, turned.axes[2].map(part => part * along), 1e-9);
  const { steps, index } = placeAmongSteps(further, 'axial');
  assertNear([positionOf(further, 'axial')], [steps.first + index * steps.step], 1e-9);
});

test('reset leads back to what was opened', () => {
  const touched = moved(moved(OPENED, scrolled, 'axial', 5), rotated, 'axial', 1);
  const back = moved({ ...touched, views: { axial: { u: 1, v: 1, zoom: 3 } }, inverted: true, camera: TURNED }, reset);
  assert.deepEqual([back.crosshair, back.axes, back.views, back.inverted, back.camera], [OPENED.crosshair, PATIENT_AXES, {}, false, FRONT]);
});

test('an address leads to the same picture', () => {
  const shown = {
    ...OPENED,
    volume: 0,
    crosshair: [6.5, 33, -42.123456],
    axes: moved(OPENED, rotated, 'sagittal', 0.7).axes,
    window: { center: 0.5, width: 3.25, function: 'SIGMOID' },
    inverted: true,
    look: 'mipInverted',
    camera: TURNED,
    slab: { thickness: 12.5, projection: 'minip' },
    unit: 'suv',
    maximised: 'coronal',
  };
  const query = new URLSearchParams(queryOf(shown).toString());
  const again = { ...OPENED, ...patchOf(query, OPENED) };
  assert.equal(query.get('series'), 'series');
  assertNear(again.crosshair, shown.crosshair);
  assertNear(again.axes.flat(), shown.axes.flat(), 2e-6);
  for (const key of ['window', 'inverted', 'slab', 'unit', 'maximised', 'look', 'camera']) assert.deepEqual(again[key], shown[key], key);
});

test('a window of very small values is in an address as it is', () => {
  const window = { center: 1.25e-7, width: 3e-6, function: 'LINEAR_EXACT' };
  assert.deepEqual(patchOf(queryOf({ ...STACK, window }), STACK).window, window);
});

test('an address of a stack names the frame, and that each is turned round', () => {
  assert.deepEqual(patchOf(queryOf({ ...STACK, frame: 7 }), STACK), { frame: 7 });
  const query = queryOf({ ...STACK, frame: 7, inverted: true });
  assert.equal(query.get('window'), 'invert');
  assert.deepEqual(patchOf(query, STACK), { frame: 7, inverted: true });
});

test('a body from the front has nothing in the address, and one that is only turned no zoom', () => {
  for (const camera of [FRONT, { ...FRONT }, { ...FRONT, azimuth: 0.001, u: -1e-5 }]) {
    const query = queryOf({ ...OPENED, camera });
    assert.deepEqual([query.has('camera'), query.has('look')], [false, false]);
  }
  const query = queryOf({ ...OPENED, camera: { ...FRONT, azimuth: 33.3333333, elevation: -0.0000001 } });
  assert.equal(query.get('camera'), '33.33,0');
  assert.deepEqual(patchOf(new URLSearchParams('camera=360,-90'), OPENED), { camera: { ...FRONT, elevation: -90 } });
});

test('only how the body is seen is no matter of the planes', () => {
  assert(!differFlat({ ...OPENED, camera: TURNED, look: 'mip' }, OPENED));
  for (const change of [{ inverted: true }, { camera: TURNED, frame: 3 }, { views: {} }]) assert(differFlat({ ...OPENED, ...change }, OPENED));
});

test('an address names the volume, and nothing else of a study that is only listed', () => {
  assert.equal(volumeIn(queryOf({ ...EMPTY, ...opened('study', HELD, 1) })), 1);
  assert.equal(volumeIn(queryOf(OPENED)), 0);
  assert.equal(queryOf({ ...EMPTY, study: 'study' }).toString(), 'study=study');
  assert.equal(queryOf(EMPTY).toString(), '');
});

for (const text of [
  'at=1,2', 'at=1,2,x', 'at=,,', 'at=1e9,0,0', 'at=NaN,0,0', 'window=40', 'window=40,0', 'window=40,0.5', 'window=1e300,1e300', 'window=0,1e-7,LINEAR_EXACT', 'window=40,400,OTHER',
  'window=,400', 'slab=-1', 'slab=0,mip', 'slab=5,max', 'slab=1e9', 'axes=1,0,0,1,0,0', 'axes=2,0,0,0,1,0', 'axes=1,0,0', 'pane=other', 'unit=x',
  'camera=', 'camera=1', 'camera=NaN,0', 'camera=1,2,3', 'camera=-1,0', 'camera=361,0', 'camera=0,90.5', 'camera=1e308,0', 'camera=0,0,0,0,0',
  'camera=0,0,1e9,0,0', 'camera=0,0,1,1e9,0', 'camera=0,0,1,0,-Infinity', 'camera=0,0,,0,0', 'look=', 'look=<b>', 'look=__proto__', `look=${'x'.repeat(99)}`,
]) {
  test(`?${text} changes nothing`, () => assert.deepEqual(patchOf(new URLSearchParams(text), OPENED), {}));
}

test('SUV is taken where it can be had, and not elsewhere', () => {
  const query = new URLSearchParams('unit=suv');
  assert.deepEqual(patchOf(query, OPENED), { unit: 'suv' });
  assert.deepEqual(patchOf(query, { ...OPENED, volume: 1 }), {});
});

test('frames that cannot be are left out, and so are indices of volumes', () => {
  for (const text of ['frame=-1', 'frame=1.5', 'frame=x']) assert.deepEqual(patchOf(new URLSearchParams(text), STACK), {});
  for (const text of ['volume=-1', 'volume=x', 'volume=1.5']) assert.equal(volumeIn(new URLSearchParams(text)), 0);
});

test('a point far away is not near', () => {
  assert(isNear(VOLUME, OPENED.crosshair));
  assert(!isNear(VOLUME, [1000, 35, -50]));
});

test("the server's window becomes the page's", () => {
  const facts = { Center: 40, Width: 400, Function: 'LINEAR', Invert: true };
  assert.deepEqual(settingOf(facts), { center: 40, width: 400, function: 'LINEAR' });
});

test('those who listen hear of changes, and of nothing else', () => {
  const store = new Store({ one: 1, two: 2 });
  const heard = [];
  const end = store.when(['one'], (now, before) => heard.push([before.one, now.one]));
  store.set({ two: 3 });
  store.set({ one: 1 });
  store.set({ one: 5 });
  end();
  store.set({ one: 6 });
  assert.deepEqual([heard, store.get()], [[[1, 5]], { one: 6, two: 3 }]);
});
