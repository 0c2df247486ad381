// Drawing on a stack whose image changes meanwhile: nothing is kept on another image than the one it was begun on.
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { createElement: () => ({ getContext: () => null }) };
const { Draw } = await import('../../../plugin/reslice/static/viewer/measure/draw.js');

/** A pane with stored frames, a tool for lengths, what was kept, and what was said. */
function stack() {
  const state = { series: 'S', volume: null, window: null, unit: 'stored' };
  const [kept, said] = [[], []];
  const pane = {
    name: 'stack',
    frame: 3,
    placement: () => ({
      space: 'pixel', toScreen: (place) => place, fromScreen: (at) => at, behind: () => 0, tolerance: 1, plane: { Size: [512, 512], Spacing: [1, 1] },
      directions: null, target: { Image: { Instance: `image ${pane.frame}`, Frame: 0 } }, pixel: 1, valueAt: () => 1, unit: '1',
    }),
  };
  const app = { store: { get: () => state }, say: (text) => text && said.push(text), panes: () => [pane], shownWindow: () => null };
  const finished = async (body) => { kept.push(body); return 'kept'; };
  const draw = new Draw(app, { changed() {}, finished, announce() {} });
  return { draw, pane, kept, said, tool: draw.tools().find(({ name }) => name === 'length') };
}

test('a line that is dragged is kept on its image', () => {
  const { tool, pane, kept } = stack();
  const hand = tool.drag(pane, [10, 10]);
  hand.move([60, 60]);
  hand.end([100, 10]);
  assert.deepEqual(kept.map((body) => [body.Image.Instance, body.Geometry.Points]), [['image 3', [[10, 10], [100, 10]]]]);
});

test('where the wheel turns meanwhile it is not kept on the other image, and can be finished on its own', () => {
  const { draw, tool, pane, kept, said } = stack();
  const hand = tool.drag(pane, [10, 10]);
  hand.move([50, 50]);
  pane.frame = 5;
  hand.move([60, 60]);
  hand.end([100, 10]);
  assert.deepEqual(kept, []);
  assert.match(said.at(-1), /another plane/);
  assert.deepEqual(draw.sketch.floating, [50, 50]);
  pane.frame = 3;
  tool.drag(pane, [100, 10]).end([100, 10]);
  assert.equal(kept[0].Image.Instance, 'image 3');
});

test('neither is one that is begun with a click', () => {
  const { tool, pane, kept } = stack();
  tool.drag(pane, [10, 10]).end([10, 10]);
  pane.frame = 5;
  tool.hover(pane, [60, 60]);
  assert.equal(tool.drag(pane, [100, 10]), null);
  assert.deepEqual(kept, []);
});

test('neither is one that keys draw', () => {
  const { tool, pane, kept } = stack();
  const key = (name) => tool.key(pane, { key: name, preventDefault() {}, shiftKey: true });
  ['Enter', 'Enter'].forEach(key);
  pane.frame = 13;
  ['ArrowRight', 'Enter'].forEach(key);
  assert.deepEqual(kept, []);
  pane.frame = 3;
  ['ArrowRight', 'Enter'].forEach(key);
  assert.equal(kept[0].Image.Instance, 'image 3');
});
