/** The viewer page: `?study=` or `?series=` of Orthanc's identifiers, else the studies to choose from. */

import { App } from './app.js';
import { clearStudy, tellStudy } from './browse/header.js';
import { SeriesList } from './browse/series.js';
import { StartPage } from './browse/start.js';
import { readStudy } from './browse/study.js';
import { startMeasuring } from './measure/index.js';
import { takeToken } from './net/token.js';
import { keepAddress } from './state/history.js';
import { volumeIn } from './state/url.js';
import { TEXTS } from './texts.js';
import { startKeys } from './ui/keys.js';
import { startToolbar } from './ui/toolbar.js';
import { element } from './words.js';

const PROBLEM_MS = 10_000;

const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const app = new App(place('panes'), say);
const start = new StartPage(place('start'), openStudyLink);
const list = new SeriesList(place('list'), choose);
let saying = 0;
let visit = 0; // an answer counts only while the page still shows what asked for it
let chosenIn = 0; // the visit in which somebody has chosen a series

/** What is wrong is told for a while. @param {string} text @param {'quiet' | 'problem'} [kind] */
function say(text, kind = 'quiet') {
  place('status').textContent = text;
  place('status').className = kind;
  clearTimeout(saying);
  if (kind === 'problem') saying = window.setTimeout(() => say(''), PROBLEM_MS);
}

async function open() {
  const query = new URLSearchParams(window.location.search);
  const mine = (visit += 1);
  const isCurrent = () => mine === visit;
  const isStudy = query.has('series') || query.has('study');
  clear(isStudy ? 'study' : 'start');
  try {
    if (isStudy) await openStudy(query, isCurrent);
    else await start.show(query);
  } catch (error) {
    if (isCurrent()) refuse(/** @type {Error} */ (error), query.has('series'));
  }
}

/** @param {'start' | 'study'} mode */
function clear(mode) {
  start.end();
  app.clear();
  list.clear();
  clearStudy();
  say('');
  document.body.dataset.mode = mode;
}

/** Nothing can be shown: why, and where else to go. @param {Error & {status?: number}} error @param {boolean} isSeries */
function refuse(error, isSeries) {
  clear('start');
  const unknown = isSeries ? TEXTS.page.unknownSeries : TEXTS.page.unknownStudy;
  const link = element('a', { href: 'index.html' }, TEXTS.page.toStudies);
  const why = element('p', {}, error.status === 404 ? unknown : error.message);
  place('start').append(element('div', { class: 'refusal', role: 'alert' }, why, element('p', {}, link)));
}

/** What is looked at first doesn't wait for the rest. @param {URLSearchParams} query @param {() => boolean} isCurrent */
async function openStudy(query, isCurrent) {
  say(TEXTS.page.reading);
  const reading = readStudy({ study: query.get('study'), series: query.get('series') }, () => app.seen);
  const first = reading.first.then((held) => {
    if (isCurrent() && held && chosenIn !== visit) showFirst(held, query);
    return held;
  });
  first.catch(() => {}); // told below, unless the study can't be had at all
  const [{ id, study, series }, name] = await Promise.all([reading.known, reading.name]);
  if (!isCurrent()) return;
  tellStudy(study, name);
  app.store.set({ study: id });
  list.show(study, [], series);
  const held = await first;
  if (!isCurrent()) return;
  say(held ? '' : TEXTS.browse.nothing);
  list.show(study, held ? [held] : [], series);
  reading.held.then((all) => isCurrent() && list.show(study, all, series), tell);
}

/** @param {import('./types.js').Held} held @param {URLSearchParams} query */
function showFirst(held, query) {
  const study = app.store.get().study ?? query.get('study');
  app.show(study, held, volumeAsked(query, held), query).catch(tell);
}

/**
 * The volume that a link names; null: the frames; undefined: whatever is best, also where the series has no such thing.
 * @param {URLSearchParams} query @param {import('./types.js').Held} held
 */
function volumeAsked(query, held) {
  if (query.has('frame')) return held.Volumes.length === 0 || held.Stacks.length > 0 ? null : undefined;
  return query.has('volume') && held.Volumes[volumeIn(query)] ? volumeIn(query) : undefined;
}

/** Another series of the list. @param {string} series @param {number | null} [volume] */
function choose(series, volume) {
  chosenIn = visit;
  say('');
  app.openSeries(series, volume).catch(tell);
}

/** @param {Error} error */
function tell(error) {
  say(error.message, 'problem');
}

/** @param {string} study */
function openStudyLink(study) {
  go(`index.html?${new URLSearchParams({ study })}`);
}

/** @param {string} address */
function go(address) {
  window.history.pushState(null, '', address);
  open();
}

/** Links within the page keep the token, which no address holds. @param {MouseEvent} event */
function follow(event) {
  const link = /** @type {HTMLElement} */ (event.target).closest('a[href^="index.html"]');
  const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey;
  if (!(link instanceof HTMLAnchorElement) || !isPlain || event.defaultPrevented) return;
  event.preventDefault();
  go(link.href);
}

/** Whoever comes back to the page may find other pixels on the server. */
function look() {
  if (document.visibilityState === 'visible') app.refresh().catch(tell);
}

takeToken();
keepAddress(app.store);
app.store.when(['series', 'volume'], ({ series, volume }) => list.mark(series, volume));
startMeasuring(app, place('measurements'), (counts) => list.measured(counts));
startKeys(app, startToolbar(app, place('toolbar')));
document.addEventListener('visibilitychange', look);
document.addEventListener('click', follow);
window.addEventListener('popstate', open);
open();
