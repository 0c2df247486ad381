// The texts beside shapes: within the pane, and off each other where there is room.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { leader, placed, shortened } from '../../../plugin/reslice/static/viewer/measure/labels.js';

const [WIDTH, HEIGHT] = [400, 300];
const label = (points, width = 80, height = 32) => ({ points, width, height });
const boxes = (labels) => placed(labels, WIDTH, HEIGHT).map(([x, y], k) => [x, y, x + labels[k].width, y + labels[k].height]);
const doOverlap = ([a, b, c, d], [e, f, g, h]) => a < g && e < c && b < h && f < d;
const isWithin = ([a, b, c, d]) => a >= 0 && b >= 0 && c <= WIDTH && d <= HEIGHT;

/** Numbers that look random, and are the same each time. */
function* numbers(seed) {
  for (let state = seed; ; state = (state * 48271) % 2147483647) yield state / 2147483647;
}

test('alone, a text stands to the right of its shape, and to the left where the pane ends', () => {
  assert.deepEqual(placed([label([[100, 100], [200, 150]])], WIDTH, HEIGHT), [[210, 142]]);
  assert.deepEqual(placed([label([[250, 100], [380, 150]])], WIDTH, HEIGHT), [[160, 92]]);
});

test('no text leaves the pane, wherever its shape is', () => {
  for (const x of [-50, 0, 200, 399, 460]) {
    for (const y of [-50, 0, 150, 299, 360]) assert.ok(boxes([label([[x, y], [200, 150]])]).every(isWithin), `${x}, ${y}`);
  }
  const [[left, top]] = placed([label([[10, 10]], 500, 400)], WIDTH, HEIGHT);
  assert.ok(left >= 0 && top >= 0, 'the beginning of one that is too large is what is seen');
});

test('texts of shapes at the same place stand apart, and the first one stands where it would alone', () => {
  const shape = [[180, 140], [220, 160]];
  const [alone] = boxes([label(shape)]);
  const all = boxes(Array(20).fill(label(shape)));
  assert.deepEqual(all[0], alone);
  all.forEach((one, k) => all.slice(k + 1).forEach((other) => assert.ok(!doOverlap(one, other), `${one} and ${other}`)));
});

test('a dozen shapes anywhere: within the pane, and apart', () => {
  for (let seed = 1; seed < 30; seed += 1) {
    const next = numbers(seed * 7919);
    const random = (most) => next.next().value * most;
    const labels = Array.from({ length: 12 }, () => {
      const [x, y] = [random(WIDTH), random(HEIGHT)];
      return label([[x, y], [x + random(60) - 30, y + random(60) - 30]], 60, 16);
    });
    const all = boxes(labels);
    assert.ok(all.every(isWithin));
    all.forEach((one, k) => all.slice(k + 1).forEach((other) => assert.ok(!doOverlap(one, other), `${seed}: ${one} and ${other}`)));
    assert.deepEqual(boxes(labels), all);
  }
});

test('beside a shape that reaches out of the pane its text stands at what is seen of it', () => {
  const [[x, y]] = placed([label([[200, 150], [200, 900]])], WIDTH, HEIGHT);
  assert.deepEqual([x, y], [210, 142]);
});

test('a text that is too long is cut, letter by letter', () => {
  const lengthOf = (text) => 10 * [...text].length;
  assert.equal(shortened('Lesion', 60, lengthOf), 'Lesion');
  assert.equal(shortened('Lesion 1', 60, lengthOf), 'Lesio…');
  assert.equal(shortened('Lesion in', 80, lengthOf), 'Lesion…', 'no space before the dots');
  assert.equal(shortened('🙂🙂🙂🙂', 30, lengthOf), '🙂🙂…');
  assert.equal(shortened('Lesion', 0, lengthOf), '…');
});

test('a text stands off what the pane says itself', () => {
  const written = [{ left: 200, top: 130, right: 400, bottom: 150 }];
  const [[x, y]] = placed([label([[100, 140], [200, 140]])], WIDTH, HEIGHT, written);
  assert.ok(x + 80 < 200 || y + 32 < 130 || y > 150, `${x}, ${y}`);
});

test('a text that stands elsewhere is tied to its shape, one beside it isn\'t', () => {
  const one = label([[100, 100], [120, 100]]);
  assert.equal(leader([130, 92], one), null);
  assert.deepEqual(leader([200, 40], one), [[200, 72], [120, 100]]);
});

test('two texts are never read as one line', () => {
  const [one, other] = placed([label([[100, 100]]), label([[186, 100]], 40, 16)], WIDTH, HEIGHT);
  assert.deepEqual(one, [110, 92]);
  assert.ok(other[1] + 16 < one[1] || other[1] > one[1] + 32, `${other}: alone it would stand right behind the first one`);
});

test('a text stands upon no other shape where there is another place, else it is tied to its own', () => {
  const one = label([[100, 100], [140, 140]]);
  const other = label([[145, 90], [260, 160]]);
  const [[left]] = placed([one, other], WIDTH, HEIGHT);
  assert.ok(left + one.width <= 100, `${left}: left of its own, since the other is on the right`);
  assert.deepEqual(leader([150, 112], one, [one, other]), [[150, 140], [140, 140]]);
  assert.equal(leader([150, 112], one, [one]), null);
});

test('thirty texts in one place are placed within a moment', () => {
  const many = Array.from({ length: 30 }, (_, k) => label([[200 + k, 150], [210 + k, 160]], 110, 48));
  placed(many, WIDTH, HEIGHT);
  const begun = performance.now();
  for (let k = 0; k < 5; k += 1) placed(many, WIDTH, HEIGHT);
  assert.ok((performance.now() - begun) / 5 < 200, 'quadratic searches took longer');
});
