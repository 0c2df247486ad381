// What the viewer's folder holds is what its page needs.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { importsOf, viewer } from '../project.mjs';

const PAGE = 'index.html';
const NOT_LOADED = ['vendor/LICENSE-three.txt', 'vendor/vendor.json'];
const TYPES = 'types.js'; // for the type checker and for readers: in any folder, without code

const files = readdirSync(viewer, { recursive: true, withFileTypes: true })
  .filter(entry => entry.isFile())
  .map(entry => path.relative(viewer, path.join(entry.path ?? entry.parentPath, entry.name)))
  .sort();

/** What a file refers to, by the paths below the viewer's folder. */
function referredTo(name) {
  const file = path.join(viewer, name);
  if (name.endsWith('.js')) return importsOf(file).map(found => path.relative(viewer, found));
  const text = readFileSync(file, 'utf8');
  const addresses = name.endsWith('.css')
    ? [...text.matchAll(/url\(["']?([^"')]+)["']?\)|@import\s+["']([^"']+)["']/g)].map(found => found[1] ?? found[2])
    : [...text.matchAll(/\s(?:href|src)="([^"#]+)"/g)].map(found => found[1]);
  const own = addresses.filter(address => !/^[a-z]+:/.test(address));
  return own.map(address => path.normalize(path.join(path.dirname(name), address)));
}

function reachable() {
  const found = new Set([PAGE]);
  for (const name of found) { // grows while it is gone through
    const goesOn = /\.(js|css|html)$/.test(name) && !name.startsWith('vendor/') && existsSync(path.join(viewer, name));
    if (goesOn) referredTo(name).forEach(other => found.add(other));
  }
  return found;
}

test('every file is loaded by the page, or said not to be', () => {
  const loaded = reachable();
  assert(loaded.size > 10);
  const others = files.filter(name => path.basename(name) !== TYPES && !NOT_LOADED.includes(name));
  assert.deepEqual(others.filter(name => !loaded.has(name)), []);
});

test('every file that is referred to is there', () => {
  assert.deepEqual([...reachable()].filter(name => !files.includes(name)), []);
});

test('what is said not to be loaded is there, and is not loaded', () => {
  const loaded = reachable();
  assert.deepEqual(NOT_LOADED.filter(name => !files.includes(name) || loaded.has(name)), []);
});

test('files of types hold nothing else', () => {
  for (const name of files.filter(one => path.basename(one) === TYPES)) {
    const code = readFileSync(path.join(viewer, name), 'utf8').replace(/\/\*\*.*?\*\//gs, '').trim();
    assert.equal(code, 'export {};', name);
  }
});

test('the page and its styles name no other host', () => {
  for (const name of files.filter(one => /\.(css|html)$/.test(one))) {
    assert.doesNotMatch(readFileSync(path.join(viewer, name), 'utf8'), /(?:href|src)="(?:https?:)?\/\/|url\(["']?(?:https?:)?\/\//, name);
  }
});
