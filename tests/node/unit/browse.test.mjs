// What is asked of the work list, and which series of a study is opened first.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { byNumber, isUsual, likeliest, whyNot } from '../../../plugin/reslice/static/viewer/browse/held.js';
import { addressQuery, isNarrowed, routeQuery, searchIn } from '../../../plugin/reslice/static/viewer/browse/query.js';

const EMPTY = { search: '', modality: '', from: '', to: '', order: '-study-date' };
const asked = (text) => searchIn(new URLSearchParams(text));

test('an address without a query asks for everything, the newest first', () => {
  assert.deepEqual(asked(''), EMPTY);
  assert.equal(addressQuery(EMPTY).toString(), '');
  assert.equal(routeQuery(EMPTY, 48).toString(), 'order-by=-study-date&since=48&limit=24');
  assert.equal(isNarrowed({ ...EMPTY, order: 'patient-id', search: ' ' }), false);
});

test('what an address asks for comes back as the same address', () => {
  for (const date of ['20240131', '20240101-20240131', '20240101-', '-20240131']) {
    const query = `search=M%C3%BCller&modality=CT%2CMR&date=${date}&order-by=patient-name`;
    assert.equal(addressQuery(asked(query)).toString(), query);
  }
});

test('what the work list would refuse is left out', () => {
  for (const date of ['2024', '20240230', '20240101-20230101', '2024010120240102', '-', '00000101', '20241301-', 'x', '20240101-2']) {
    assert.deepEqual(asked(`date=${date}`), EMPTY, date);
  }
  for (const modality of ['CT,', 'C T', 'CT;MR', 'A'.repeat(17), Array(33).fill('CT').join(','), '<b>']) {
    assert.equal(asked(new URLSearchParams({ modality })).modality, '', modality);
  }
  assert.equal(asked('modality=ct,ct').modality, 'CT');
  assert.equal(asked('order-by=age').order, '-study-date');
});

test('words are cut where the server stops, between characters', () => {
  const long = asked(new URLSearchParams({ search: '🫀'.repeat(200) })).search;
  assert.equal(long, '🫀'.repeat(128));
});

test('a range that ends before it begins is never sent', () => {
  assert.equal(routeQuery({ ...EMPTY, from: '2024-02-01', to: '2024-01-01' }, 0).has('date'), false);
});

const series = (ID, SeriesNumber, Modality, count) => ({
  ID,
  Instances: Array(count).fill('i'),
  MainDicomTags: { SeriesNumber: String(SeriesNumber), Modality },
});
const order = (...listed) => likeliest(byNumber(listed)).map(({ ID }) => ID);

test('series are ordered by number, then by identifier, as the server lists them', () => {
  const listed = byNumber([series('b', 2, 'CT', 1), series('c', 10, 'CT', 1), series('a', 2, 'CT', 1), series('d', '', 'CT', 1)]);
  assert.deepEqual(listed.map(({ ID }) => ID), ['d', 'a', 'b', 'c']);
});

test('the first of the large series is opened, not the largest, and no scout', () => {
  assert.deepEqual(order(series('scout', 1, 'CT', 2), series('thick', 2, 'CT', 60), series('thin', 3, 'CT', 600)), ['thick', 'thin', 'scout']);
  assert.deepEqual(order(series('a', 1, 'MR', 15), series('b', 2, 'MR', 22)), ['a', 'b']);
});

test('enhanced images count alike: each is one file', () => {
  assert.deepEqual(order(series('a', 1, 'MR', 1), series('b', 2, 'MR', 1)), ['a', 'b']);
});

test('radiographs come after what may be slices, and reports are not tried', () => {
  assert.deepEqual(order(series('sr', 1, 'SR', 1), series('dx', 2, 'DX', 1), series('ct', 3, 'CT', 30)), ['ct', 'dx']);
  assert.deepEqual(order(series('us', 1, 'US', 1), series('cine', 2, 'US', 40)), ['cine', 'us']);
  assert.deepEqual(order(series('sr', 1, 'SR', 1)), []);
});

test('only what never is slices may be without a volume and without a reason', () => {
  const stack = { Index: 0, FrameCount: 1, Reason: 'no-geometry', Details: 'No position' };
  const held = { Series: 's', Modality: 'DX', Volumes: [], Stacks: [stack, stack], Others: [] };
  assert.equal(isUsual(held), true);
  assert.equal(isUsual({ ...held, Modality: 'CT' }), false);
  assert.equal(isUsual({ ...held, Others: [{ Instance: 'i', Reason: 'damaged', Details: 'Damaged' }] }), false);
  assert.equal(whyNot(held), 'No position.');
});
