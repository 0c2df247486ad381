/** The viewer page: `?study=` or `?series=` of Orthanc's identifiers, else the newest studies to choose from. */

import { nameOf } from './net/names.js';
import { askJson } from './net/server.js';
import { Stage } from './stage.js';
import { newestStudies, seriesButton, titleOf } from './studies.js';
import { takeToken } from './net/token.js';
import { day, element, personName } from './words.js';

const place = (id) => document.getElementById(id);
const stage = new Stage(place('stage'));
let visit = 0; // an answer counts only while the page still shows what asked for it

async function open() {
  const query = new URLSearchParams(window.location.search);
  const mine = (visit += 1);
  const isCurrent = () => mine === visit;
  clear();
  say('Reading …');
  try {
    if (query.get('series') || query.get('study')) await openStudy(query, isCurrent);
    else await openList(isCurrent);
    if (isCurrent()) say('');
  } catch (error) {
    if (isCurrent()) refuse(error, query.get('series') ? 'series' : 'study');
  }
}

/** Nothing can be shown: why, and where else to go. */
function refuse(error, level) {
  clear();
  say('');
  const why = error.status === 404 ? `This server has no such ${level}.` : error.message;
  const link = element('a', { href: 'index.html' }, 'Newest studies');
  place('stage').append(element('div', { class: 'refusal', role: 'alert' }, element('p', {}, why), element('p', {}, link)));
}

function clear() {
  stage.clear();
  place('list').replaceChildren();
  place('facts').replaceChildren();
  place('subject').textContent = '';
  document.title = 'Reslice';
}

function say(text) {
  place('status').textContent = text;
}

async function openList(isCurrent) {
  const studies = await newestStudies();
  if (isCurrent()) place('stage').append(...studies);
}

async function openStudy(query, isCurrent) {
  const asked = query.get('series');
  const id = asked ? (await askJson(`series/${encodeURIComponent(asked)}`)).ParentStudy : query.get('study');
  const path = `studies/${encodeURIComponent(id)}`;
  const [study, series] = await Promise.all([askJson(path), askJson(`${path}/series`, { expand: '' })]);
  const instance = series[0]?.Instances[0];
  const name = await nameOf(instance, study.PatientMainDicomTags.PatientName);
  if (!isCurrent()) return;
  tell(study, name);
  const held = await askJson(`${path}/volumes`);
  if (!isCurrent()) return;
  const tags = new Map(series.map((one) => [one.ID, one.MainDicomTags]));
  list(held.Series, tags, asked);
}

function tell(study, patientName) {
  const patient = study.PatientMainDicomTags;
  const tags = study.MainDicomTags;
  const name = personName(patientName) || 'No name';
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

function list(held, tags, asked) {
  const buttons = new Map();
  const choose = (id) => {
    const chosen = held.find((one) => one.Series === id);
    buttons.forEach((button, series) => button.setAttribute('aria-pressed', String(series === id)));
    stage.show(titleOf(chosen, tags.get(id) ?? {}), chosen).catch((error) => say(error.message));
  };
  for (const one of held) buttons.set(one.Series, seriesButton(one, tags.get(one.Series) ?? {}, choose));
  place('list').append(element('ul', {}, ...[...buttons.values()].map((button) => element('li', {}, button))));
  const first = held.find((one) => one.Series === asked) ?? held.find((one) => one.Volumes.length > 0) ?? held[0];
  if (first) choose(first.Series);
}

/** Links within the page keep the token, which no address holds. */
function follow(event) {
  const link = event.target.closest('a[href^="index.html"]');
  if (!link || event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  window.history.pushState(null, '', link.href);
  open();
}

takeToken();
document.addEventListener('click', follow);
window.addEventListener('popstate', open);
open();
