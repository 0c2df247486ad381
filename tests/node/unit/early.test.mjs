// What is asked for before the page's modules are here: the addresses that they use, and each answer once.
import assert from 'node:assert/strict';
import { test } from 'node:test';

const asked = [];
globalThis.location = new URL('http://here/reslice/viewer/index.html?series=a%2Fb');
globalThis.fetch = async (address) => {
  asked.push(address);
  return { ok: true, status: 200, json: async () => ({ address }) };
};
const { addressesOf, takeEarly } = await import('../../../plugin/reslice/static/viewer/net/early.js');
const { addressOf, ask, send } = await import('../../../plugin/reslice/static/viewer/net/server.js');

test('a series and what it holds are asked for as the page asks for them', () => {
  assert.deepEqual(asked, [addressOf('series/a%2Fb/volumes'), addressOf('series/a%2Fb')]);
});

test('an answer is used once, and never for another method', async () => {
  await send('DELETE', 'series/a%2Fb');
  assert.equal(asked.length, 3);
  await ask('series/a%2Fb');
  assert.equal(asked.length, 3);
  await ask('series/a%2Fb');
  assert.equal(asked.length, 4);
  assert.equal(takeEarly(addressOf('series/a%2Fb')), null);
});

test('of a study it is the index that is asked for; of nothing, nothing', () => {
  const study = addressesOf(new URLSearchParams('study=s&window=1,2'));
  assert.deepEqual(study, [addressOf('studies/s'), addressOf('studies/s/series', { expand: '' })]);
  assert.deepEqual(addressesOf(new URLSearchParams('search=x')), []);
});

test('the token goes with it, as with every other request', () => {
  const [volumes] = addressesOf(new URLSearchParams('series=s&token=a b'));
  assert.equal(volumes, '../../series/s/volumes?token=a+b');
  const [, series] = addressesOf(new URLSearchParams('study=s&token=t'));
  assert.equal(series, '../../studies/s/series?expand=&token=t');
});
