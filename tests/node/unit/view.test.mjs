// How a picture lies in its pane.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FITTED, fit, fromScreen, moved, roundLength, toScreen, zoomed } from '../../../plugin/reslice/static/viewer/geometry/view.js';

const PANE = { width: 800, height: 600 };
const SOMEWHERE = { u: 12, v: -30, zoom: 2.5 };

function assertNear(found, expected, off = 1e-9) {
  found.forEach((value, k) => assert(Math.abs(value - expected[k]) <= off, `${found} is not ${expected}`));
}

test('what is fitted touches the nearer sides', () => {
  assert.equal(fit({ width: 200, height: 300 }, PANE), 2);
  assert.equal(fit({ width: 400, height: 100 }, PANE), 2);
  assert.deepEqual(toScreen(FITTED, 2, PANE, [100, 150]), [600, 600]);
  assert.deepEqual(toScreen(FITTED, 2, PANE, [-100, -150]), [200, 0]);
});

test('the middle of the pane shows the place of the view, u to the right and v down', () => {
  assert.deepEqual(toScreen(SOMEWHERE, 2, PANE, [12, -30]), [400, 300]);
  assert.deepEqual(toScreen(SOMEWHERE, 2, PANE, [13, -28]), [405, 310]);
});

test('the way back leads to the same place', () => {
  for (const at of [[0, 0], [400, 300], [123.4, 567.8]]) {
    assertNear(toScreen(SOMEWHERE, 1.7, PANE, fromScreen(SOMEWHERE, 1.7, PANE, at)), at);
  }
});

test('what lies under the pointer stays there, in and out and at the limits', () => {
  const at = [650, 77];
  const before = fromScreen(SOMEWHERE, 1.7, PANE, at);
  for (const factor of [1.1, 0.5, 1e6, 1e-6]) {
    const after = zoomed(SOMEWHERE, 1.7, PANE, at, factor);
    assertNear(fromScreen(after, 1.7, PANE, at), before);
    assert(after.zoom >= 0.1 && after.zoom <= 40);
  }
  assertNear([zoomed(SOMEWHERE, 1.7, PANE, at, 1.1).zoom], [2.75]);
});

test('what the hand holds moves with it', () => {
  const before = fromScreen(SOMEWHERE, 1.7, PANE, [100, 100]);
  assertNear(fromScreen(moved(SOMEWHERE, 1.7, [31, -17]), 1.7, PANE, [131, 83]), before);
});

test('a scale has a round length, as long as there is room', () => {
  const found = [99.9, 100, 100.1, 199, 200, 499, 500, 999, 7, 0.3, 0.02].map(roundLength);
  assertNear(found, [50, 100, 100, 100, 200, 200, 500, 500, 5, 0.2, 0.02], 1e-12);
});
