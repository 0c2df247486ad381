/** The viewer page: `?study=` or `?series=` of Orthanc's identifiers, else the studies to choose from. */

import { App } from './app.js';
import { askJson } from './net/server.js';
import { nameOf } from './net/names.js';
import { takeToken } from './net/token.js';
import { keepAddress } from './state/history.js';
import { volumeIn } from './state/url.js';
import { newestStudies, seriesButton } from './studies.js';
import { TEXTS } from './texts.js';
import { startKeys } from './ui/keys.js';
import { startToolbar } from './ui/toolbar.js';
import { day, element, personName } from './words.js';

const place = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const app = new App(place('panes'), say);
let visit = 0; // an answer counts only while the page still shows what asked for it

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
    else await openList(isCurrent);
    if (isCurrent()) say('');
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
  for (const id of ['list', 'facts', 'start']) place(id).replaceChildren();
  place('subject').textContent = '';
  document.title = TEXTS.page.name;
}

/** @param {() => boolean} isCurrent */
async function openList(isCurrent) {
  document.body.dataset.mode = 'start';
  const studies = await newestStudies();
  if (isCurrent()) place('start').append(...studies);
}

/** @param {URLSearchParams} query @param {() => boolean} isCurrent */
async function openStudy(query, isCurrent) {
  const asked = query.get('series');
  const id = asked ? (await askJson(`series/${encodeURIComponent(asked)}`)).ParentStudy : String(query.get('study'));
  const path = `studies/${encodeURIComponent(id)}`;
  const [study, series] = await Promise.all([askJson(path), askJson(`${path}/series`, { expand: '' })]);
  const name = await nameOf(series[0]?.Instances[0], study.PatientMainDicomTags.PatientName);
  if (!isCurrent()) return;
  document.body.dataset.mode = 'study';
  tell(study, name);
  const held = await askJson(`${path}/volumes`);
  if (!isCurrent()) return;
  const tags = new Map(series.map((/** @type {any} */ one) => [one.ID, one.MainDicomTags]));
  list(id, held.Series, tags, query);
}

/** @param {any} study @param {string} patientName */
function tell(study, patientName) {
  const patient = study.PatientMainDicomTags;
  const tags = study.MainDicomTags;
  const name = personName(patientName) || TEXTS.page.noName;
  const facts = [
    ['ID', patient.PatientID],
    ['Born', day(patient.PatientBirthDate)],
    ['Sex', patient.PatientSex],
    ['Study', tags.StudyDescription],
    ['Date', day(tags.StudyDate)],
    ['Accession', tags.AccessionNumber],
  ];
  place('subject').textContent = name;
  document.title = `${name} – Reslice`;
  const told = facts.filter(([, value]) => value);
  place('facts').append(
    ...told.map(([title, value]) => element('div', {}, element('dt', {}, title), element('dd', { dir: 'auto' }, value))),
  );
}

/** @param {string} study @param {any[]} held @param {Map<string, any>} tags @param {URLSearchParams} query */
function list(study, held, tags, query) {
  const buttons = new Map();
  const choose = (/** @type {string} */ id, asked = new URLSearchParams()) => {
    const chosen = held.find((one) => one.Series === id);
    buttons.forEach((button, series) => button.setAttribute('aria-pressed', String(series === id)));
    const volume = asked.has('frame') ? null : asked.has('volume') ? volumeIn(asked) : undefined;
    app.show(study, chosen, volume, asked).catch((error) => say(error.message));
  };
  for (const one of held) buttons.set(one.Series, seriesButton(one, tags.get(one.Series) ?? {}, choose));
  place('list').append(element('ul', {}, ...[...buttons.values()].map((button) => element('li', {}, button))));
  const asked = query.get('series');
  const first = held.find((one) => one.Series === asked) ?? held.find((one) => one.Volumes.length > 0) ?? held[0];
  if (first) choose(first.Series, query);
}

/** Links within the page keep the token, which no address holds. @param {MouseEvent} event */
function follow(event) {
  const link = /** @type {HTMLElement} */ (event.target).closest('a[href^="index.html"]');
  if (!(link instanceof HTMLAnchorElement) || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  window.history.pushState(null, '', link.href);
  open();
}

/** Whoever comes back to the page may find other pixels on the server. */
function look() {
  if (document.visibilityState === 'visible') app.refresh().catch((/** @type {Error} */ error) => say(error.message));
}

takeToken();
document.addEventListener('visibilitychange', look);
keepAddress(app.store);
startKeys(app, startToolbar(app, place('toolbar')));
document.addEventListener('click', follow);
window.addEventListener('popstate', open);
open();
