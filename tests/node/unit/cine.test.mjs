/** Which picture comes next, when, and how fast they came. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Store } from '../../../plugin/reslice/static/viewer/state/store.js';
import { EMPTY } from '../../../plugin/reslice/static/viewer/state/view.js';
import { Cine, isShown, nextStep, rateOf } from '../../../plugin/reslice/static/viewer/ui/cine.js';
import { Rates, clipOf, rateIn } from '../../../plugin/reslice/static/viewer/ui/cine_rate.js';

function visited(count, way, times) {
  const found = [];
  for (let at = { index: 0, direction: 1 }, k = 0; k < times; k += 1) {
    at = nextStep(at, count, way);
    found.push(at.index);
  }
  return found;
}

test('a loop begins anew, a swing turns at both ends', () => {
  assert.deepEqual(visited(3, 'loop', 7), [1, 2, 0, 1, 2, 0, 1]);
  assert.deepEqual(visited(3, 'swing', 7), [1, 2, 1, 0, 1, 2, 1]);
  assert.deepEqual(visited(2, 'swing', 4), [1, 0, 1, 0]);
});

test('the rate is that of the pictures that were shown', () => {
  assert.equal(rateOf([0, 100, 200]), 10);
  assert.equal(rateOf([50]), 0);
  assert.equal(rateOf([]), 0);
});

const FRAMES = ['a', 'b', 'c', 'd'].map((Instance) => ({ Instance, Frame: 0 }));

/** A stack's pane that shows frames when it is told to, and a display that is told when to draw. */
function bench(rate) {
  const shown = { frame: 0, listener: () => {} };
  const pane = {
    name: 'stack',
    placement: () => ({ plane: {}, target: { Image: FRAMES[shown.frame] } }),
    onChange: (listener) => {
      shown.listener = listener;
      return () => (shown.listener = () => {});
    },
  };
  const said = [];
  const store = new Store({ ...EMPTY, series: 's', held: { Volumes: [], Stacks: [{}] }, focus: 'stack', rate });
  const app = { store, panes: () => [pane], say: (text) => said.push(text) };
  const frames = [];
  globalThis.requestAnimationFrame = (callback) => frames.push(callback);
  const draw = (now) => frames.splice(0).forEach((callback) => callback(now));
  const show = () => {
    shown.frame = store.get().frame;
    shown.listener();
  };
  const change = () => shown.listener();
  return { cine: new Cine(app, () => FRAMES), change, store, draw, show, said, pane };
}

test('cine waits for each picture and skips none', () => {
  const { cine, store, draw, show } = bench(10);
  const start = performance.now();
  cine.toggle();
  draw(start + 5);
  assert.equal(store.get().frame, 1);
  for (const late of [200, 400, 600]) draw(start + late);
  assert.equal(store.get().frame, 1, 'it has not been shown');
  show();
  draw(start + 610);
  assert.equal(store.get().frame, 2);
  show();
  draw(start + 620);
  assert.equal(store.get().frame, 2, 'what came late is not made up for');
  draw(start + 720);
  assert.equal(store.get().frame, 3);
});

test('a change of the pane that shows another picture is not the one waited for', () => {
  const { cine, store, draw, show, pane, change } = bench(10);
  const start = performance.now();
  cine.toggle();
  draw(start + 5);
  change();
  assert.equal(isShown(pane, store.get(), FRAMES), false);
  draw(start + 500);
  assert.equal(store.get().frame, 1);
  show();
  assert.equal(isShown(pane, store.get(), FRAMES), true);
});

test('cine stops, and says so, when a picture does not come', () => {
  const { cine, store, draw, said } = bench(10);
  const start = performance.now();
  cine.toggle();
  draw(start + 5);
  draw(start + 30_000);
  assert.equal(store.get().playing, false);
  assert.equal(said.length, 1);
});

test('nothing to play is said', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const { cine, store, said } = bench(10);
  store.set({ held: null });
  cine.toggle();
  assert.equal(store.get().playing, false);
  assert.equal(said.length, 1);
});

test('a file tells its rate, the one to show it at before the one that it was taken with', () => {
  assert.equal(rateIn({ RecommendedDisplayFrameRate: '25', CineRate: '30', FrameTime: '20' }), 25);
  assert.equal(rateIn({ CineRate: '30', FrameTime: '20' }), 30);
  assert.equal(rateIn({ FrameTime: ' 40 ' }), 25);
  assert.equal(rateIn({ FrameTime: '33.333' }), 30);
  assert.equal(rateIn({ FrameTime: '12.5' }), 60, 'faster than cine can be');
  assert.equal(rateIn({ FrameTime: '4000' }), 1);
});

test('what no file can mean is no rate', () => {
  const odd = ['', '0', '-25', 'NaN', '1e9', '25\\30', 'fast', 'Infinity', null, ['25'], {}];
  for (const text of odd) {
    for (const name of ['RecommendedDisplayFrameRate', 'CineRate', 'FrameTime']) assert.equal(rateIn({ [name]: text }), null, `${name} ${text}`);
    assert.equal(rateIn({ RecommendedDisplayFrameRate: text, FrameTime: '50' }), 20);
  }
  assert.equal(rateIn({ FrameTime: '1e-9' }), null);
  for (const tags of [null, {}, 'text']) assert.equal(rateIn(tags), null);
});

test('a clip lies in one file', () => {
  const frames = [0, 1, 2].map((Frame) => ({ Instance: 'a', Frame }));
  assert.equal(clipOf(frames), 'a');
  assert.equal(clipOf(FRAMES), null);
  assert.equal(clipOf(frames.slice(1, 2)), null);
  assert.equal(clipOf([]), null);
});

test('each series has its rate, and keeps what people want', async (context) => {
  const asked = [];
  context.mock.method(globalThis, 'fetch', async (address) => {
    asked.push(address);
    return address.includes('clip') ? Response.json({ CineRate: '25' }) : new Response('', { status: 403 });
  });
  const store = new Store({ ...EMPTY, series: 'one' });
  const rates = new Rates({ store });
  const learn = (Instance) => rates.learn([0, 1].map((Frame) => ({ Instance, Frame })));
  await learn('clip');
  await learn('clip');
  assert.equal(store.get().rate, 25);
  store.set({ series: 'two' });
  assert.equal(store.get().rate, 15);
  await learn('secret');
  assert.equal(store.get().rate, 15);
  assert.deepEqual(asked.map((address) => address.split('instances/')[1]), ['clip/simplified-tags', 'secret/simplified-tags']);
  rates.choose(100);
  assert.equal(store.get().rate, 60);
  rates.choose(0.2);
  assert.equal(store.get().rate, 1);
  store.set({ series: 'one' });
  assert.equal(store.get().rate, 25);
  store.set({ series: 'two' });
  assert.equal(store.get().rate, 1);
});

test('what people typed before the file told stays', async (context) => {
  context.mock.method(globalThis, 'fetch', async () => Response.json({ CineRate: '25' }));
  const store = new Store({ ...EMPTY, series: 'one' });
  const rates = new Rates({ store });
  const learning = rates.learn([0, 1].map((Frame) => ({ Instance: 'clip', Frame })));
  rates.choose(8);
  await learning;
  assert.equal(store.get().rate, 8);
});
