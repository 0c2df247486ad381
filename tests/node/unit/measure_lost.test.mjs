// Answers that are lost on the way: what is tried again is done once, and is no conflict with oneself.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Desk } from '../../../plugin/reslice/static/viewer/measure/desk.js';
import { Guard } from '../../../plugin/reslice/static/viewer/measure/guard.js';
import { areAlike } from '../../../plugin/reslice/static/viewer/measure/records.js';
import { Refused } from '../../../plugin/reslice/static/viewer/net/server.js';

const BODY = { Type: 'distance', Tool: 'line', Geometry: { Space: 'pixel', Points: [[0, 0], [3, 4]] }, Label: 'first' };
const MOVED = { ...BODY, Geometry: { Space: 'pixel', Points: [[0, 0], [6, 8]] } };

/** A server in memory that treats Ids and revisions as ours does; answers of `lost` methods don't come, once. */
class Server {
  constructor() {
    this.store = new Map();
    this.all = [];
    this.errors = [];
    this.isRead = true;
    this.listeners = [];
    this.lost = new Set();
    this.deleted = new Set();
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  put(all) {
    this.all = all;
    this.listeners.forEach((listener) => listener());
  }

  get(id) {
    return this.all.find((record) => record.Id === id) ?? null;
  }

  keep(record) {
    this.put([...this.all.filter((one) => one.Id !== record.Id), record]);
    return record;
  }

  answer(method, record) {
    if (this.lost.delete(method)) throw new Refused(0, 'no answer');
    return record && this.keep(record);
  }

  async refresh() {
    this.put([...this.store.values()]);
  }

  async read(id) {
    if (!this.store.has(id)) throw new Refused(this.deleted.has(id) ? 410 : 404, 'gone');
    return this.store.get(id);
  }

  async create(body) {
    if (this.deleted.has(body.Id)) throw new Refused(410, 'deleted');
    const there = this.store.get(body.Id);
    if (there && !areAlike(there.first, body)) throw new Refused(409, 'id-in-use', { Reason: 'id-in-use' });
    if (!there) this.store.set(body.Id, { ...body, Revision: 1, first: body });
    return this.answer('create', this.store.get(body.Id));
  }

  async replace(id, revision, body) {
    const now = await this.read(id);
    if (now.Revision !== revision) throw new Refused(412, 'stale-revision');
    this.store.set(id, { ...body, Id: id, Revision: revision + 1, first: now.first });
    return this.answer('replace', this.store.get(id));
  }

  async remove(id, revision) {
    if ((await this.read(id)).Revision !== revision) throw new Refused(412, 'stale-revision');
    this.store.delete(id);
    this.deleted.add(id);
    this.answer('remove');
    this.forget(id);
  }

  forget(id) {
    this.put(this.all.filter((record) => record.Id !== id));
  }
}

/** Whoever is asked something was not meant to be. */
const asked = async () => assert.fail('asked');

function desk() {
  const server = new Server();
  return { server, made: new Desk(server, { changed: asked, changedBeforeDeletion: asked, gone: asked, failed: (error) => assert.fail(error) }) };
}

const points = (server) => [...server.store.values()].map((record) => record.Geometry.Points[1]);

test('a creation whose answer was lost is made once, also if it is drawn otherwise by then', async () => {
  for (const [again, expected] of [[BODY, [3, 4]], [MOVED, [6, 8]]]) {
    const { made, server } = desk();
    server.lost.add('create');
    await assert.rejects(made.create({ Id: 'drawn', ...BODY }), Refused);
    assert.equal(server.store.size, 1, 'the server has it');
    const record = await made.create({ Id: 'drawn', ...again });
    assert.deepEqual([record.Id, points(server)], ['drawn', [expected]]);
    assert.equal(await made.undo(), 'create');
    assert.equal(server.store.size, 0);
  }
});

test('what was changed or deleted by others before it is tried again stays as they left it', async () => {
  const { made, server } = desk();
  server.lost.add('create');
  await assert.rejects(made.create({ Id: 'drawn', ...BODY }), Refused);
  server.store.set('drawn', { ...server.store.get('drawn'), Label: 'theirs', Revision: 2 });
  await made.create({ Id: 'drawn', ...MOVED });
  assert.deepEqual([...server.store.values()].map((record) => record.Label), ['theirs', 'first']);
  server.lost.add('create');
  await assert.rejects(made.create({ Id: 'second', ...BODY }), Refused);
  await server.remove('second', 1);
  assert.notEqual((await made.create({ Id: 'second', ...BODY })).Id, 'second');
});

test('an Id that is taken without any answer lost is refused', async () => {
  const { made, server } = desk();
  await server.create({ Id: 'drawn', ...BODY });
  await assert.rejects(made.create({ Id: 'drawn', ...MOVED }), { status: 409 });
  assert.deepEqual(points(server), [[3, 4]]);
});

test('what was deleted comes back once, however often its taking back is tried', async () => {
  const { made, server } = desk();
  await made.remove(await made.create(BODY));
  server.lost.add('create');
  await assert.rejects(made.undo(), Refused);
  assert.equal(await made.undo(), 'delete');
  assert.equal(server.store.size, 1);
});

test('a change or a deletion whose answer was lost is done when it is tried again, and can be taken back', async () => {
  const { made, server } = desk();
  const record = await made.create(BODY);
  server.lost.add('replace');
  made.edit(record, { Label: 'second' });
  await assert.rejects(made.save(record.Id), Refused);
  assert.equal(await made.save(record.Id), true);
  assert.deepEqual([made.pending.size, server.store.get(record.Id).Revision], [0, 2]);
  server.lost.add('remove');
  await assert.rejects(made.remove(made.records.get(record.Id)), Refused);
  assert.equal(await made.remove(made.records.get(record.Id)), true);
  assert.deepEqual([await made.undo(), await made.undo()], ['delete', 'edit']);
  assert.deepEqual([...server.store.values()].map((one) => one.Label), ['first']);
});

const ENDS = { first: [3, 4], second: [6, 8], third: [9, 9] };
const moved = (name) => ({ Geometry: { Space: 'pixel', Points: [[0, 0], ENDS[name]] } });

test('a deletion whose answer was lost is a step like others once the list shows it', async () => {
  const { made, server } = desk();
  await made.create({ ...BODY, Label: 'A' });
  const b = await made.create({ ...BODY, Label: 'B' });
  server.lost.add('remove');
  await assert.rejects(made.remove(b), Refused);
  await made.last;
  assert.equal(made.undoing.size, 2, 'nobody knows yet');
  await server.refresh();
  assert.deepEqual([made.undoing.size, made.selected], [3, null]);
  assert.equal(await made.undo(), 'delete');
  assert.deepEqual([...server.store.values()].map((one) => one.Label), ['A', 'B']);
});

test('a taking back whose answer was lost is done again by Redo, and is taken back once', async () => {
  const { made, server } = desk();
  await made.create(BODY);
  server.lost.add('remove');
  await assert.rejects(made.undo(), Refused);
  await made.last;
  await server.refresh();
  assert.deepEqual([made.undoing.size, made.redoing.size], [0, 1]);
  assert.equal(await made.redo(), 'delete');
  const [record] = server.store.values();
  made.edit(record, moved('second'));
  await made.save(record.Id);
  server.lost.add('replace');
  await assert.rejects(made.undo(), Refused);
  await made.last;
  await server.refresh();
  assert.deepEqual([points(server), made.undoing.size, made.redoing.size], [[ENDS.first], 1, 1]);
  assert.equal(await made.redo(), 'edit');
  assert.deepEqual(points(server), [ENDS.second]);
});

test('a change upon a change whose answer was lost is no conflict with oneself, nor is its deletion', async () => {
  const { made, server } = desk();
  const record = await made.create(BODY);
  for (const name of ['second', 'third']) {
    server.lost.add('replace');
    made.edit(record, moved(name));
    await assert.rejects(made.save(record.Id, ['Geometry']), Refused);
  }
  made.edit(record, { Label: 'named' });
  assert.equal(await made.save(record.Id), true);
  assert.deepEqual([points(server), server.store.get(record.Id).Label], [[ENDS.third], 'named']);
  assert.equal(await made.undo(), 'edit');
  assert.deepEqual([points(server), made.undoing.size], [[ENDS.first], 1]);
  server.lost.add('replace');
  made.edit(server.get(record.Id), moved('second'));
  await assert.rejects(made.save(record.Id), Refused);
  assert.equal(await made.remove(server.get(record.Id)), true);
});

test('a change whose answer was lost is saved once the list shows it; what was changed since is still to be kept', async () => {
  const { made, server } = desk();
  const record = await made.create(BODY);
  server.lost.add('replace');
  made.edit(record, moved('second'));
  await assert.rejects(made.save(record.Id, ['Geometry']), Refused);
  made.edit(record, { Label: 'named' });
  await made.last;
  await server.refresh();
  assert.deepEqual([made.pending.get(record.Id).patch, made.pending.get(record.Id).base.Revision], [{ Label: 'named' }, 2]);
  made.discard(record.Id);
  assert.equal(await made.undo(), 'edit');
  assert.deepEqual(points(server), [ENDS.first]);
});

test('what others have made of it after a lost answer is still asked for', async () => {
  const { made, server } = desk();
  const record = await made.create(BODY);
  server.lost.add('replace');
  made.edit(record, moved('second'));
  await assert.rejects(made.save(record.Id), Refused);
  server.store.set(record.Id, { ...server.store.get(record.Id), Label: 'theirs', Revision: 3 });
  const questions = [];
  made.questions.changed = async (_, theirs) => (questions.push(theirs.Label), 'theirs');
  await made.save(record.Id);
  assert.deepEqual(questions, ['theirs']);
});

test('bodies are alike in whichever order they are said, and empty texts are none', () => {
  const other = { Label: 'first', Geometry: { Points: [[0, 0], [3, 4]], Space: 'pixel' }, Tool: 'line', Type: 'distance', Description: '', Revision: 3 };
  assert.ok(areAlike(BODY, other));
  assert.ok(!areAlike(BODY, { ...other, Label: 'other' }));
  assert.ok(!areAlike(BODY, MOVED));
});

test('the page is guarded while a change is unsaved or under way, and not before or after', async () => {
  const { made, server } = desk();
  const listeners = new Set();
  globalThis.window = { addEventListener: (_, listener) => listeners.add(listener), removeEventListener: (_, listener) => listeners.delete(listener) };
  const guard = new Guard(() => made.hasWork);
  made.onChange(() => guard.update());
  const making = made.create(BODY);
  assert.equal(listeners.size, 1, 'the answer is still under way');
  const record = await making;
  await made.last;
  assert.equal(listeners.size, 0);
  made.edit(record, { Label: 'second' });
  assert.equal(listeners.size, 1);
  server.lost.add('replace');
  await assert.rejects(made.save(record.Id), Refused);
  await made.last;
  assert.equal(listeners.size, 1, 'it failed');
  await made.save(record.Id);
  await made.last;
  assert.equal(listeners.size, 0);
});
