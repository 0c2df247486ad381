/** What there is to choose from: the newest studies of the server, the series of a study. */

import { addressOf, askJson } from './net/server.js';
import { counted, day, element, mayHavePictures, personName } from './words.js';

const NEVER_SLICES = new Set(['CR', 'DX', 'ES', 'GM', 'IO', 'MG', 'OP', 'PX', 'RF', 'SM', 'US', 'XA', 'XC']);
const NEWEST = 20;

/** The newest studies as links below a title, or that there are none. Throws Refused. */
export async function newestStudies() {
  const listed = await askJson('reslice/studies', { limit: NEWEST });
  const count = listed.Studies.length;
  if (count === 0) return [element('p', {}, 'There are no studies yet.')];
  const title = listed.Count > count ? `The newest ${count} of ${listed.Count} studies` : 'Newest studies';
  const items = listed.Studies.map((study) => element('li', {}, studyLink(study)));
  return [element('h2', {}, title), element('ul', { id: 'studies' }, ...items)];
}

function studyLink(study) {
  const link = element(
    'a',
    { href: `index.html?${new URLSearchParams({ study: study.ID })}` },
    mayHavePictures(study.Modalities ?? ['']) ? thumbnail(`studies/${study.ID}/thumbnail`) : noImage(),
    element('span', { class: 'title', dir: 'auto' }, personName(study.PatientName) || study.PatientID || 'No name'),
    element('span', { dir: 'auto' }, study.StudyDescription || 'No description'),
    element('span', { class: 'quiet' }, [day(study.StudyDate), (study.Modalities ?? []).join(', ')].filter(Boolean).join(' · ')),
  );
  return link;
}

function noImage() {
  return element('span', { class: 'thumbnail' }, 'No image');
}

function thumbnail(path) {
  const box = element('span', { class: 'thumbnail' });
  const image = element('img', { alt: '', loading: 'lazy' });
  image.addEventListener('error', () => box.replaceChildren('No image'));
  image.src = addressOf(path, { size: 256 });
  box.append(image);
  return box;
}

/** A series of a study as a button; `choose` is called with its id. */
export function seriesButton(held, tags, choose) {
  const button = element('button', { type: 'button', class: 'series', 'aria-pressed': 'false' });
  const hasPicture = held.Volumes.length + held.Stacks.length > 0;
  button.append(
    hasPicture ? thumbnail(`series/${held.Series}/thumbnail`) : noImage(),
    element('span', { class: 'title', dir: 'auto' }, titleOf(held, tags)),
    element('span', { class: 'quiet', dir: 'auto' }, kindOf(held, tags)),
    ...held.Volumes.map((volume) => element('span', { class: 'quiet' }, volumeInWords(volume))),
  );
  if (held.Volumes.length === 0 && !isUsual(held)) button.append(element('span', { class: 'reason' }, whyNot(held)));
  button.addEventListener('click', () => choose(held.Series));
  return button;
}

/** What a series is called. */
export function titleOf(held, tags) {
  return tags.SeriesDescription || tags.ProtocolName || numberOf(held, tags) || 'Series without a number';
}

function numberOf(held, tags) {
  const number = tags.SeriesNumber || held.SeriesNumber;
  return number || number === 0 ? `Series ${number}` : '';
}

/** `CT · Series 2 · 160 files`: what tells series of one name apart. */
function kindOf(held, tags) {
  const number = numberOf(held, tags);
  const parts = [held.Modality || tags.Modality, titleOf(held, tags) === number ? '' : number, counted(held.InstanceCount, 'file')];
  return parts.filter(Boolean).join(' · ');
}

/** Whether nothing is wrong with a series that is no volume: a radiograph, say, or an ultrasound clip. */
function isUsual(held) {
  return held.Volumes.length === 0 && held.Stacks.length > 0 && held.Others.length === 0 && NEVER_SLICES.has(held.Modality);
}

/** What a volume is, in few words. */
function volumeInWords(volume) {
  return `${counted(volume.Shape[0], 'slice')}, ${volume.Orientation}`;
}

/** The reasons of a series that is no volume, each once. */
function whyNot(held) {
  const parts = [...held.Stacks, ...held.Others];
  return [...new Set(parts.map((part) => part.Details))].map((details) => `${details}.`).join(' ');
}
