// Values of measurements in words: the same digits wherever they stand, whatever a file calls its unit.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { toolInWords } from '../../../plugin/reslice/static/viewer/measure/told.js';
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
