// What two people have made of a measurement, side by side and in words.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { rowsOf } from '../../../plugin/reslice/static/viewer/measure/conflict.js';

const LINE = {
  Type: 'distance', Tool: 'line', Series: 'S', Image: { Instance: 'i3', Frame: 0 },
  Geometry: { Space: 'LPS', Points: [[30.33, -91.04, 120], [0.5, 12, -7.25]] }, Label: 'first',
};
const spoken = (mine, theirs, ...scene) => rowsOf(mine, theirs, ...scene).map((row) => [row.name, row.mine, row.theirs, row.differs]);

test('a line that was moved is told by its places, as everywhere else', () => {
  const theirs = { ...LINE, Geometry: { Space: 'LPS', Points: [[30.33, -91.04, 120], [0.5, 20, -7.25]] }, Revision: 2 };
  assert.deepEqual(spoken(LINE, theirs), [
    ['Label', 'first', 'first', false],
    ['Tool', 'Length', 'Length', false],
    ['Geometry', 'L 30.3  A 91.0  H 120.0; L 0.5  P 12.0  F 7.3', 'L 30.3  A 91.0  H 120.0; L 0.5  P 20.0  F 7.3', true],
  ]);
});

test('radius, range and seed are told as words; of many places the first ones; the order of keys is no difference', () => {
  const ball = { ...LINE, Label: '', Tool: 'region', Geometry: { Space: 'LPS', Points: [[1, 2, 3]], Seed: [1, 2, 3], Range: [-10, 40], Connectivity: 6 } };
  const other = { ...ball, Geometry: { Connectivity: 6, Range: [-10, 50], Seed: [1, 2, 3], Points: [[1, 2, 3]], Space: 'LPS' } };
  const [, geometry] = spoken(ball, other);
  assert.equal(geometry[1], 'L 1.0  P 2.0  H 3.0; Seed L 1.0  P 2.0  H 3.0; Values: -10 … 40; Neighbours: 6');
  assert.ok(geometry[3]);
  assert.equal(spoken(ball, { ...other, Geometry: { ...other.Geometry, Range: [-10, 40] } }).length, 1);
  const disc = { ...LINE, Geometry: { Space: 'pixel', Points: [[4.25, 5]], Radius: 6.04 } };
  assert.equal(spoken(disc, LINE).at(-1)[1], 'Column 4.3, row 5; Radius 6.0 mm');
  const polygon = { ...LINE, Geometry: { Space: 'pixel', Points: Array.from({ length: 30 }, (_, k) => [k, k]) } };
  assert.match(spoken(polygon, LINE).at(-1)[1], /^(Column \d, row \d; ){8}…$/);
});

test('another image is told by its number among those that are open', () => {
  const frames = ['i1', 'i2', 'i3'].map((Instance) => ({ Instance, Frame: 0, Volume: null, Stack: 0, Position: null }));
  const other = { ...LINE, Image: { Instance: 'i1', Frame: 0 } };
  const [image] = rowsOf(LINE, other, { series: 'S', volume: null, frames }).filter(({ name }) => name === 'Image');
  assert.deepEqual([image.mine, image.theirs], ['Image 3 of 3', 'Image 1 of 3']);
});
