/** The viewer page: `?study=` or `?series=` of Orthanc's identifiers, else the studies to choose from. */

import { App } from './app.js';
import { clearStudy, tellStudy } from './browse/header.js';
import { SeriesList } from './browse/series.js';
import { StartPage } from './browse/start.js';
import { readStudy } from './browse/study.js';
import { takeToken } from './net/token.js';
import { keepAddress } from './state/history.js';
import { volumeIn } from './state/url.js';
import { TEXTS } from './texts.js';
import { startKeys } from './ui/keys.js';
import { startToolbar } from './ui/toolbar.js';
import { element } from './words.js';

const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const app = new App(place('panes'), say);
const start = new StartPage(place('start'), (study) => go(`index.html?${new URLSearchParams({ study })}`));
const list = new SeriesList(place('list'), choose);
let visit = 0; // an answer counts only while the page still shows what asked for it
let chosenIn = 0; // the visit in which somebody has chosen a series

/** @param {string} text */
function say(text) {
  place('status').textContent = text;
}

async function open() {
  const query = new URLSearchParams(window.location.search);
  const mine = (visit += 1);
  const isCurrent = () => mine === visit;
  clear();
  say(TEXTS.page.reading);
  try {
    if (query.get('series') || query.get('study')) await openStudy(query, isCurrent);
    else await openList(query);
  } catch (error) {
    if (isCurrent()) refuse(/** @type {Error} */ (error), query.has('series'));
  }
}

/** Nothing can be shown: why, and where else to go. @param {Error & {status?: number}} error @param {boolean} isSeries */
function refuse(error, isSeries) {
  clear();
  say('');
  const unknown = isSeries ? TEXTS.page.unknownSeries : TEXTS.page.unknownStudy;
  const link = element('a', { href: 'index.html' }, TEXTS.page.toStudies);
  const why = element('p', {}, error.status === 404 ? unknown : error.message);
  place('start').append(element('div', { class: 'refusal', role: 'alert' }, why, element('p', {}, link)));
  document.body.dataset.mode = 'start';
}

function clear() {
  app.clear();
  start.end();
  list.clear();
  clearStudy();
}

/** @param {URLSearchParams} query */
async function openList(query) {
  document.body.dataset.mode = 'start';
  say(''); // the list tells itself how far it is
  await start.show(query);
}

/** @param {URLSearchParams} query @param {() => boolean} isCurrent */
async function openStudy(query, isCurrent) {
  const reading = readStudy({ study: query.get('study'), series: query.get('series') });
  const [{ study, series }, name] = await Promise.all([reading.known, reading.name]);
  if (!isCurrent()) return;
  document.body.dataset.mode = 'study';
  tellStudy(study, name);
  app.store.set({ study: study.ID });
  list.show(study, [], series);
  const first = await reading.first;
  if (!isCurrent()) return;
  say(first ? '' : TEXTS.browse.nothing);
  reading.held.then(
    (held) => isCurrent() && list.show(study, held, series),
    (error) => isCurrent() && say(error.message),
  );
  if (!first || chosenIn === visit) return; // somebody has chosen meanwhile
  list.show(study, [first], series);
  const volume = query.has('frame') ? null : query.has('volume') ? volumeIn(query) : undefined;
  await app.show(study.ID, first, volume, query);
}

/** @param {string} series @param {number | null} [volume] */
function choose(series, volume) {
  chosenIn = visit;
  say('');
  app.openSeries(series, volume).catch((error) => say(error.message));
}

/** Another page of this one. @param {string} address */
function go(address) {
  window.history.pushState(null, '', address);
  open();
}

/** Links within the page keep the token, which no address holds. @param {MouseEvent} event */
function follow(event) {
  const link = /** @type {HTMLElement} */ (event.target).closest('a[href^="index.html"]');
  if (!(link instanceof HTMLAnchorElement) || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go(link.href);
}

/** Whoever comes back to the page may find other pixels on the server. */
function look() {
  if (document.visibilityState === 'visible') app.refresh().catch((/** @type {Error} */ error) => say(error.message));
}

takeToken();
document.addEventListener('visibilitychange', look);
keepAddress(app.store);
app.store.when(['series', 'volume'], ({ series, volume }) => list.mark(series, volume));
startKeys(app, startToolbar(app, place('toolbar')));
document.addEventListener('click', follow);
window.addEventListener('popstate', open);
open();
