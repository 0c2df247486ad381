// The list of a study's measurements while answers are under way, and somebody has gone to another study.
import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';

import { Desk } from '../../../plugin/reslice/static/viewer/measure/desk.js';
import { Records } from '../../../plugin/reslice/static/viewer/measure/records.js';

const BODY = { Type: 'distance', Tool: 'line', Geometry: { Space: 'pixel', Points: [[0, 0], [3, 4]] } };
const QUESTIONS = { changed: async () => 'edit', changedBeforeDeletion: async () => 'theirs', gone: async () => 'edit' };
const real = globalThis.fetch;
let asked;

/** Every request waits until it is answered. */
beforeEach(() => {
  asked = [];
  globalThis.window ??= globalThis;
  globalThis.fetch = (url, { method = 'GET', body } = {}) => new Promise((resolve) => {
    const answer = (said, status = 200) => resolve(new Response(JSON.stringify(said), { status }));
    asked.push({ method, path: String(url).replace(/^.*?(?=studies\/)/, '').split('?')[0], body: body && JSON.parse(body), answer });
  });
});

afterEach(() => {
  globalThis.fetch = real;
});

const settled = () => new Promise((resolve) => {
  setTimeout(resolve, 5);
});
const ids = (records) => records.all.map((record) => record.Id);
const list = (...all) => ({ Measurements: all.map((Id) => ({ Id, Revision: 1 })), Errors: [] });

test('what waits for its turn goes to the study in which it was done', async () => {
  const [a, b] = ['a', 'b'].map((study) => new Desk(new Records(study), QUESTIONS));
  a.create(BODY);
  a.create(BODY);
  b.records.refresh();
  await settled();
  asked.find((one) => one.method === 'POST').answer({ ...BODY, Id: 'first', Revision: 1 });
  await settled();
  assert.deepEqual(asked.filter((one) => one.method === 'POST').map((one) => one.path), Array(2).fill('studies/a/measurements'));
  asked.find((one) => one.method === 'GET').answer(list('old'));
  await settled();
  assert.deepEqual([ids(a.records), ids(b.records)], [['first'], ['old']]);
});

test('a list that a change of ours has overtaken is read again', async () => {
  const records = new Records('a');
  const reading = records.refresh();
  records.create({ Id: 'new', ...BODY });
  await settled();
  const [get, post] = asked;
  post.answer({ ...BODY, Id: 'new', Revision: 1 });
  await settled();
  get.answer(list('old1', 'old2'));
  await settled();
  assert.equal(asked.length, 3, 'asked for once more');
  asked[2].answer(list('old1', 'old2', 'new'));
  await reading;
  assert.deepEqual(ids(records), ['old1', 'old2', 'new']);
});
