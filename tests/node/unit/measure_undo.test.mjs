// Changes of measurements, taken back; and that of two people nobody's work is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Desk } from '../../../plugin/reslice/static/viewer/measure/desk.js';
import { Undo } from '../../../plugin/reslice/static/viewer/measure/undo.js';
import { Refused } from '../../../plugin/reslice/static/viewer/net/server.js';

/** A server in memory that treats revisions as ours does. */
class Kept {
  constructor() {
    this.store = new Map();
    this.all = [];
    this.errors = [];
    this.listeners = [];
  }

  onChange(listener) {
    this.listeners.push(listener);
  }

  get(id) {
    return this.all.find((record) => record.Id === id) ?? null;
  }

  async refresh() {
    this.all = [...this.store.values()];
    this.listeners.forEach((listener) => listener());
  }

  keep(record) {
    this.all = this.all.map((one) => (one.Id === record.Id ? record : one));
  }

  async read(id) {
    if (!this.store.has(id)) throw new Refused(410, 'deleted');
    return this.store.get(id);
  }

  async create(body) {
    this.store.set(body.Id, { ...body, Revision: 1 });
    await this.refresh();
    return this.store.get(body.Id);
  }

  async replace(id, revision, body) {
    const now = await this.read(id);
    if (now.Revision !== revision) throw new Refused(412, 'stale-revision');
    this.store.set(id, { ...body, Id: id, Revision: revision + 1 });
    await this.refresh();
    return this.store.get(id);
  }

  async remove(id, revision) {
    if ((await this.read(id)).Revision !== revision) throw new Refused(412, 'stale-revision');
    this.store.delete(id);
    await this.refresh();
  }

  forget(id) {
    this.all = this.all.filter((record) => record.Id !== id);
  }
}

const BODY = { Type: 'distance', Tool: 'line', Geometry: { Space: 'pixel', Points: [[0, 0], [3, 4]] }, Label: 'first' };

function desk(answers = {}) {
  const asked = [];
  const question = (name) => async (...what) => {
    asked.push([name, ...what]);
    return answers[name];
  };
  const kept = new Kept();
  const made = new Desk(kept, { changed: question('changed'), changedBeforeDeletion: question('changedBeforeDeletion'), gone: question('gone'), failed: (error) => asked.push(['failed', error.message]) });
  return { made, kept, asked };
}

/** Somebody else's change. */
async function elsewhere(kept, id, changes) {
  kept.store.set(id, { ...kept.store.get(id), ...changes, Revision: kept.store.get(id).Revision + 1 });
}

const labels = (kept) => [...kept.store.values()].map((record) => record.Label).sort();

test('steps go back in order, from the revision that our own last change has left', () => {
  const undo = new Undo();
  undo.push({ kind: 'create', id: 'a', revision: 1 });
  undo.push({ kind: 'edit', id: 'a', revision: 2, body: BODY });
  undo.push({ kind: 'create', id: 'b', revision: 1 });
  undo.rename('a', 'c', 5);
  assert.deepEqual(undo.pop(), { kind: 'create', id: 'b', revision: 1 });
  assert.deepEqual(undo.pop(), { kind: 'edit', id: 'c', revision: 5, body: BODY });
  assert.deepEqual(undo.pop(), { kind: 'create', id: 'c', revision: 5 });
  assert.equal(undo.pop(), null);
});

test('made, changed, deleted, and all of it taken back', async () => {
  const { made, kept, asked } = desk();
  const record = await made.create(BODY);
  made.edit(record, { Label: 'second' });
  assert.equal(await made.save(record.Id), true);
  assert.deepEqual(labels(kept), ['second']);
  await made.remove(made.records.get(record.Id));
  assert.equal(kept.store.size, 0);
  assert.equal(await made.undo(), 'delete');
  assert.deepEqual(labels(kept), ['second']);
  assert.equal(await made.undo(), 'edit');
  assert.deepEqual(labels(kept), ['first']);
  assert.equal(await made.undo(), 'create');
  assert.equal(kept.store.size, 0);
  assert.equal(await made.undo(), null);
  assert.deepEqual(asked, []);
});

const OUTCOMES = { theirs: ['theirs'], mine: ['mine'], both: ['mine', 'theirs'], edit: ['theirs'] };

for (const [choice, left] of Object.entries(OUTCOMES)) {
  test(`a change of what somebody else has changed: ${choice}`, async () => {
    const { made, kept, asked } = desk({ changed: choice });
    const record = await made.create(BODY);
    await elsewhere(kept, record.Id, { Label: 'theirs' });
    made.edit(record, { Label: 'mine' });
    assert.equal(await made.save(record.Id), choice !== 'edit');
    assert.deepEqual(labels(kept), left);
    assert.deepEqual([asked[0][1].Label, asked[0][2].Label], ['mine', 'theirs']);
    assert.equal(made.pending.get(record.Id)?.patch.Label, choice === 'edit' ? 'mine' : undefined, 'what isn\'t decided is still there');
  });
}

test('a change of what somebody else has deleted is saved as a new one, dropped, or goes on', async () => {
  for (const [choice, left] of [['both', ['mine']], ['theirs', []], ['edit', []]]) {
    const { made, kept } = desk({ gone: choice });
    const record = await made.create(BODY);
    kept.store.delete(record.Id);
    made.edit(record, { Label: 'mine' });
    assert.equal(await made.save(record.Id), choice !== 'edit');
    assert.deepEqual(labels(kept), left);
    assert.equal(made.pending.has(record.Id), choice === 'edit');
  }
});

test('what is typed at something that others delete is asked for, not dropped with the list', async () => {
  for (const [choice, left] of [['both', ['mine']], ['theirs', []]]) {
    const { made, kept, asked } = desk({ gone: choice });
    const record = await made.create(BODY);
    await made.last;
    made.edit(record, { Label: 'mine' });
    kept.store.delete(record.Id);
    await kept.refresh();
    await made.last;
    assert.deepEqual([labels(kept), made.pending.size, asked.length, asked[0][1].Label, asked[0][2]], [left, 0, 1, 'mine', false]);
  }
});

test('what can\'t be saved as a new one is told, and stays; what can\'t be read isn\'t taken for deleted', async () => {
  const { made, kept, asked } = desk({ gone: 'both' });
  const record = await made.create(BODY);
  await made.last;
  made.edit(record, { Label: 'mine' });
  kept.store.delete(record.Id);
  kept.errors = [{ Entry: 1, Reason: 'corrupt-entry' }];
  kept.read = async () => {
    throw new Refused(404, 'unknown');
  };
  await kept.refresh();
  await made.last;
  assert.deepEqual(asked, []);
  kept.errors = [];
  kept.create = async () => {
    throw new Refused(422, 'no');
  };
  await kept.refresh();
  await made.last;
  assert.deepEqual([asked.map(([name]) => name), made.pending.get(record.Id).patch], [['gone', 'failed'], { Label: 'mine' }]);
});

test('what somebody else has changed isn\'t deleted unasked, by taking back neither', async () => {
  for (const [choice, count] of [['theirs', 1], ['mine', 0]]) {
    const { made, kept } = desk({ changedBeforeDeletion: choice });
    const record = await made.create(BODY);
    await elsewhere(kept, record.Id, { Label: 'theirs' });
    await made.remove(record);
    assert.equal(kept.store.size, count);
  }
  const { made, kept, asked } = desk({ changedBeforeDeletion: 'theirs' });
  const record = await made.create(BODY);
  await elsewhere(kept, record.Id, { Label: 'theirs' });
  assert.equal(await made.undo(), null);
  assert.deepEqual(labels(kept), ['theirs']);
  assert.equal(asked.length, 1);
  assert.equal(made.undoing.size, 1, 'it can be tried again');
});

test('a part of the changes can be kept, the rest stays unsaved upon it', async () => {
  const { made, kept } = desk();
  const record = await made.create(BODY);
  made.edit(record, { Label: 'half written' });
  made.edit(record, { Geometry: { Space: 'pixel', Points: [[0, 0], [6, 8]] } });
  await made.save(record.Id, ['Geometry']);
  assert.deepEqual(kept.store.get(record.Id).Geometry.Points[1], [6, 8]);
  assert.equal(kept.store.get(record.Id).Label, 'first');
  assert.equal(made.shown(made.records.get(record.Id)).Label, 'half written');
  assert.equal(await made.save(record.Id), true);
  assert.equal(kept.store.get(record.Id).Label, 'half written');
  assert.equal(made.pending.size, 0);
});

test('what is typed while another change is taken back is no conflict with oneself', async () => {
  const { made, kept, asked } = desk();
  const record = await made.create(BODY);
  made.edit(record, { Geometry: { Space: 'pixel', Points: [[0, 0], [6, 8]] } });
  await made.save(record.Id);
  made.edit(record, { Label: 'typed' });
  assert.equal(await made.undo(), 'edit');
  assert.equal(await made.save(record.Id), true);
  const { Label: label, Geometry: { Points: points } } = kept.store.get(record.Id);
  assert.deepEqual([label, points[1], asked], ['typed', [3, 4], []]);
});

test('a refused change is still there', async () => {
  const { made, kept } = desk();
  const record = await made.create(BODY);
  kept.replace = async () => {
    throw new Refused(422, 'outside-image');
  };
  made.edit(record, { Label: 'mine' });
  await assert.rejects(made.save(record.Id), Refused);
  assert.equal(made.pending.get(record.Id).patch.Label, 'mine');
});

/** The next change of a record is answered when it is let go. */
function heldBack(kept) {
  const replace = kept.replace.bind(kept);
  let go;
  const gone = new Promise((resolve) => {
    go = resolve;
  });
  kept.replace = async (...what) => {
    kept.replace = replace;
    await gone;
    return replace(...what);
  };
  return go;
}

test('what is typed while a change is being kept isn\'t lost, and is no conflict with oneself', async () => {
  const { made, kept, asked } = desk();
  const record = await made.create(BODY);
  const go = heldBack(kept);
  made.edit(record, { Label: 'Lesion' });
  const saving = made.save(record.Id);
  await new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
  made.edit(record, { Label: 'Lesion 1, left' });
  go();
  await saving;
  assert.equal(kept.store.get(record.Id).Label, 'Lesion');
  assert.equal(made.shown(made.records.get(record.Id)).Label, 'Lesion 1, left');
  assert.equal(await made.save(record.Id), true);
  assert.equal(kept.store.get(record.Id).Label, 'Lesion 1, left');
  assert.equal(made.pending.size, 0);
  made.edit(record, { Label: 'again' }); // by a form that still has the first revision in its hand
  assert.equal(await made.save(record.Id), true);
  assert.deepEqual([kept.store.get(record.Id).Label, asked], ['again', []]);
});

test('what was taken back is done again, and a creation is never lost for good', async () => {
  const { made, kept, asked } = desk();
  const record = await made.create(BODY);
  made.edit(record, { Label: 'second' });
  await made.save(record.Id);
  assert.deepEqual([await made.undo(), await made.undo(), await made.undo()], ['edit', 'create', null]);
  assert.equal(kept.store.size, 0);
  assert.equal(await made.redo(), 'delete');
  assert.deepEqual(labels(kept), ['first']);
  assert.equal(await made.redo(), 'edit');
  assert.deepEqual(labels(kept), ['second']);
  assert.equal(await made.redo(), null);
  assert.deepEqual([await made.undo(), await made.undo()], ['edit', 'create']);
  assert.deepEqual([kept.store.size, asked], [0, []]);
  await made.create(BODY);
  assert.equal(await made.redo(), null, 'something new was done since');
});
