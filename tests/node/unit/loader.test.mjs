// One pane's requests: what is delivered last is always what was wanted last, whatever comes when.
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Loader } from '../../../plugin/reslice/static/viewer/net/loader.js';
import { forgetAll, readNumbers } from '../../../plugin/reslice/static/viewer/net/pictures.js';

const LARGE = 1e9; // takes long on any line, so that a preview comes first
const FACTS = {
  'Reslice-Plane': { Size: [1, 2] },
  'Reslice-Raw': { Type: 'int16', Shape: [1, 2], NoData: null, Unit: 'HU' },
  'Reslice-Window': null,
};
/** @type {{address: string, answer: () => void, refuse: (status: number) => void, signal: AbortSignal}[]} */
let asked = [];
/** @type {(() => void)[]} decoders of previews that are at work */
let decoding = [];
let length = 4; // of the numbers of a plane

globalThis.fetch = (address, { signal }) => new Promise((resolve, reject) => {
  const headers = new Headers(Object.entries(FACTS).map(([name, value]) => [name, JSON.stringify(value)]));
  const response = { ok: true, status: 200, headers, arrayBuffer: async () => new ArrayBuffer(length), blob: async () => ({ size: 4 }) };
  signal.addEventListener('abort', () => reject(new DOMException('', 'AbortError')));
  asked.push({
    address,
    answer: () => resolve(response),
    refuse: status => resolve({ ok: false, status, headers, json: async () => ({ Details: 'No.' }) }),
    signal,
  });
});
globalThis.createImageBitmap = () => new Promise((resolve) => {
  decoding.push(() => resolve({}));
});

const settled = () => new Promise((resolve) => {
  setTimeout(resolve, 5);
});

/** What a pane wants of a plane. */
function plane(name, { preview = true, bytes = LARGE, next = [] } = {}) {
  const numbers = of => [of, { format: 'raw' }];
  return { numbers: numbers(name), preview: preview ? [name, { format: 'jpeg' }] : null, bytes, next: next.map(numbers) };
}

function loading() {
  const delivered = [];
  const refused = [];
  const kind = picture => (picture.values ? 'numbers' : 'preview');
  const loader = new Loader(
    (picture, wanted) => delivered.push(`${wanted.numbers[0]} ${kind(picture)}`),
    error => refused.push(error.message),
  );
  return { delivered, loader, refused };
}

/** Let the server answer what was asked and hasn't been answered. */
async function answer(what) {
  const found = asked.find(one => one.address.includes(what) && !one.isAnswered && !one.signal.aborted);
  assert(found, `${what} was not asked`);
  found.isAnswered = true;
  found.answer();
  await settled();
}

async function decode() {
  decoding.splice(0).forEach(done => done());
  await settled();
}

async function have(name) {
  const reading = readNumbers([name, { format: 'raw' }], new AbortController().signal);
  await answer(`${name}?format=raw`);
  await reading;
  asked = [];
}

beforeEach(() => {
  forgetAll();
  asked = [];
  decoding = [];
  length = 4;
});

test('a preview comes first, then the numbers', async () => {
  const { delivered, loader } = loading();
  loader.want(plane('a'));
  await answer('a?format=jpeg');
  await decode();
  await answer('a?format=raw');
  assert.deepEqual(delivered, ['a preview', 'a numbers']);
  assert.equal(loader.isWaiting, false);
});

test('of many that are wanted meanwhile only the last is asked for', async () => {
  const { delivered, loader } = loading();
  for (const name of ['a', 'b', 'c', 'd']) loader.want(plane(name, { preview: false }));
  await settled();
  await answer('d?format=raw');
  assert.deepEqual(delivered.at(-1), 'd numbers');
  assert(!asked.some(one => /\/[bc]\?/.test(one.address)));
});

test('numbers that are no longer wanted are given up', async () => {
  const { delivered, loader } = loading();
  loader.want(plane('a', { preview: false }));
  await settled();
  loader.want(plane('b', { preview: false }));
  await settled();
  assert(asked[0].signal.aborted);
  await answer('b?format=raw');
  assert.deepEqual(delivered, ['b numbers']);
});

test('what is here is delivered at once, and no numbers that were asked for before it come after it', async () => {
  await have('here');
  const { delivered, loader } = loading();
  loader.want(plane('a', { preview: false }));
  await settled();
  loader.want(plane('here'));
  await settled();
  assert.deepEqual(delivered, ['here numbers']);
  assert(asked.every(one => one.signal.aborted));
});

test('no preview that was asked for before what is here comes after it', async () => {
  await have('here');
  const { delivered, loader } = loading();
  loader.want(plane('a'));
  await settled();
  loader.want(plane('here'));
  asked.filter(one => !one.signal.aborted).forEach(one => one.answer());
  await settled();
  await decode();
  asked.filter(one => !one.signal.aborted).forEach(one => one.answer());
  await settled();
  assert.deepEqual(delivered, ['here numbers']);
});

test('no preview that is being decoded comes after what is here', async () => {
  await have('here');
  const { delivered, loader } = loading();
  loader.want(plane('a'));
  await answer('a?format=jpeg');
  loader.want(plane('here'));
  await decode();
  asked.filter(one => !one.signal.aborted).forEach(one => one.answer());
  await settled();
  assert.deepEqual(delivered, ['here numbers']);
});

test('a refusal is told, unless something else is wanted by then', async () => {
  const { loader, refused } = loading();
  loader.want(plane('a', { preview: false, bytes: 0 }));
  await settled();
  asked[0].refuse(404);
  await settled();
  assert.deepEqual(refused, ['No.']);
});

test('a refusal of what was wanted before what is here is not told', async () => {
  await have('here');
  const { delivered, loader, refused } = loading();
  loader.want(plane('a', { preview: false }));
  await settled();
  asked[0].refuse(404);
  loader.want(plane('here'));
  await settled();
  assert.deepEqual([delivered, refused], [['here numbers'], []]);
});

test('on a fast line neighbours are read ahead: not delivered, but there at once when they are wanted', async () => {
  length = 1 << 20;
  const { delivered, loader } = loading();
  loader.want(plane('a', { preview: false, next: ['n', 'm'] }));
  await answer('a?format=raw');
  assert(!asked.some(one => one.address.includes('/n?'))); // such planes would take too long
  loader.want(plane('b', { preview: false, bytes: 0, next: ['n', 'm'] }));
  await answer('b?format=raw');
  await answer('n?format=raw');
  assert.deepEqual(delivered, ['a numbers', 'b numbers']);
  loader.want(plane('n', { bytes: 0 }));
  assert.deepEqual(delivered.at(-1), 'n numbers');
  assert(asked.find(one => one.address.includes('/m?')).signal.aborted);
});

test('nothing is delivered after the end', async () => {
  const { delivered, loader, refused } = loading();
  loader.want(plane('a'));
  await answer('a?format=jpeg');
  loader.end();
  await decode();
  assert.deepEqual([delivered, refused], [[], []]);
});

test('a preview that is refused keeps no numbers back', async () => {
  const { delivered, loader, refused } = loading();
  loader.want(plane('colour'));
  await settled();
  asked.find(({ address }) => address.includes('format=jpeg')).refuse(400);
  await settled();
  await answer('colour?format=raw');
  assert.deepEqual([delivered, refused], [['colour numbers'], []]);
});
