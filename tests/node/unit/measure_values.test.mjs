// Values of measurements in words: the same digits wherever they stand, whatever a file calls its unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { unsavedValue } from '../../../plugin/reslice/static/viewer/measure/items.js';
import { kindInWords, toolInWords } from '../../../plugin/reslice/static/viewer/measure/told.js';
import { inWords, linesBeside } from '../../../plugin/reslice/static/viewer/measure/values.js';

const value = (Name, Value, Unit) => ({ Name, Value, Unit });

test('beside an area the mean has the digits that the list gives it', () => {
  for (const [mean, spread] of [[1234.56, 45.25], [12.3456, 0.5], [40, 7.75]]) {
    const values = [value('Area', 12.34, 'mm2'), value('Mean', mean, 'HU'), value('StandardDeviation', spread, 'HU')];
    const [, second] = linesBeside(values);
    assert.equal(second, `${inWords(values[1]).replace(' HU', '')} ± ${inWords(values[2])}`);
  }
  assert.deepEqual(linesBeside([value('Area', 12.34, 'mm2'), value('Mean', 1234.56, 'HU'), value('StandardDeviation', 45.25, 'HU')]), ['12.3 mm²', '1234.6 ± 45.3 HU']);
});

test('a unit or a tool with the name of something that every object has is a word like any other', () => {
  assert.equal(inWords(value('Mean', 12.3456, 'constructor')), '12.35 constructor');
  assert.equal(inWords(value('Mean', 3, 'toString')), '3 toString');
  assert.equal(toolInWords('constructor'), 'constructor');
});

test('what is told of a ball around a point is called the mean, not the value in its middle', () => {
  const ball = { Tool: 'point', Values: [value('Value', -700, 'HU'), value('Mean', -733.21, 'HU'), value('StandardDeviation', 12, 'HU')] };
  assert.deepEqual([kindInWords(ball), linesBeside(ball.Values)], ['Mean', ['Mean -733.2 HU']]);
  const point = { Tool: 'point', Values: [value('Value', -700, 'HU')] };
  assert.deepEqual([kindInWords(point), linesBeside(point.Values)], ['Value', ['-700 HU']]);
  const area = { Tool: 'ellipse', Values: [value('Area', 12.34, 'mm2'), ball.Values[1]] };
  assert.deepEqual([kindInWords(area), linesBeside(area.Values)], ['Ellipse', ['12.3 mm²']]);
});

test('a shape that was moved and isn\'t kept so never has the number of before', () => {
  const record = { Id: 'a', Type: 'distance', Tool: 'line', Geometry: { Space: 'LPS', Points: [[0, 0, 0], [3, 4, 0]] }, Values: [value('Length', 5, 'mm')] };
  const moved = { Space: 'LPS', Points: [[0, 0, 0], [6, 8, 0]] };
  const desk = { selected: 'a', pending: new Map(), shown: (one) => ({ ...one, ...desk.pending.get('a')?.patch }) };
  let answer = { values: [value('Length', 10, 'mm')], isExact: false };
  const told = (isDrawing = false) => unsavedValue(record, desk, { of: (body) => (assert.deepEqual(body.Geometry, moved), answer) }, isDrawing);
  desk.pending.set('a', { patch: { Label: 'typed' } });
  assert.equal(told(), null);
  desk.pending.set('a', { patch: { Geometry: moved } });
  assert.deepEqual([told(), told(true)], ['≈ 10.0 mm', '…']);
  answer = { ...answer, isExact: true };
  assert.equal(told(), '10.0 mm');
  answer = { values: [], isExact: true, refusal: 'outside' };
  assert.equal(told(), '…');
  desk.selected = 'b';
  assert.equal(told(), '…');
});
