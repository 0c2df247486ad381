/** The series of the study that is open, to choose from, and the patient's other studies. */

import { askJson } from '../net/server.js';
import { TEXTS } from '../texts.js';
import { day, element, personName } from '../words.js';
import { SeriesEntry } from './entry.js';

/**
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('./held.js').Tags} Tags
 * @typedef {import('./study.js').Study} Study
 * @typedef {import('./worklist.js').Listed} Listed
 */

const MOST_STUDIES = '100';
const NARROW = '(max-width: 1080px)'; // tablets

export class SeriesList {
  /**
   * @param {HTMLElement} place
   * @param {(series: string, volume?: number | null) => void} choose volume: undefined is for the page to decide, null are
   *   the images that belong to no volume
   */
  constructor(place, choose) {
    this.place = place;
    this.choose = choose;
    /** @type {string | null} the study that is listed */
    this.study = null;
    /** @type {Map<string, SeriesEntry>} */
    this.entries = new Map();
    /** @type {string | null} */
    this.series = null;
    /** @type {number | null | undefined} */
    this.volume = undefined;
    /** @type {ReadonlyMap<string, number> | null} of the study that is listed; null: as the series themselves tell */
    this.counts = null;
    this.others = new AbortController();
    this.toggle = element('button', { type: 'button', class: 'toggle', 'aria-controls': 'series-list' });
    this.toggle.addEventListener('click', () => this.#collapse(!this.place.classList.contains('collapsed')));
    this.list = element('ul', { class: 'series-list', id: 'series-list' });
    this.more = element('div', { class: 'other-studies' });
    this.#collapse(window.matchMedia(NARROW).matches); // there images need the room
  }

  /**
   * List the series of a study. May be called again with more of what they hold: first without, then with one, then with all.
   * @param {Study} study @param {readonly Held[]} heldList @param {Map<string, Tags>} tags of every series, in their order
   */
  show(study, heldList, tags) {
    if (this.study !== study.ID) this.#begin(study);
    const held = new Map(heldList.map((one) => [one.Series, one]));
    for (const id of new Set([...tags.keys(), ...held.keys()])) {
      const entry = this.entries.get(id) ?? this.#entry(id, tags.get(id) ?? {});
      entry.tell(held.get(id) ?? null);
    }
    if (this.counts) this.measured(this.counts);
    this.mark(this.series, this.volume);
  }

  /** Which series, and which of its volumes, is shown. @param {string | null} series @param {number | null} [volume] */
  mark(series, volume) {
    const isNew = series !== this.series;
    this.series = series;
    this.volume = volume;
    for (const [id, entry] of this.entries) entry.mark(id === series, volume);
    const shown = series ? this.entries.get(series) : null;
    const title = element('span', { class: 'shown-title', dir: 'auto' }, shown ? shown.title() : '');
    this.toggle.replaceChildren(element('span', {}, TEXTS.browse.seriesCount(this.entries.size)), title);
    if (isNew) shown?.element.scrollIntoView({ block: 'nearest', inline: 'nearest' });
  }

  /** Measurements have come or gone: how many each series has. @param {ReadonlyMap<string, number>} counts */
  measured(counts) {
    this.counts = counts;
    for (const [id, entry] of this.entries) entry.measured(counts.get(id) ?? 0);
  }

  /** Nothing is listed. */
  clear() {
    this.others.abort();
    this.study = null;
    this.series = null;
    this.volume = undefined;
    this.counts = null;
    this.entries.clear();
    for (const part of [this.list, this.more, this.place]) part.replaceChildren();
  }

  /** @param {Study} study */
  #begin(study) {
    const { series, volume } = this; // what is looked at first doesn't wait for the study
    this.clear();
    Object.assign(this, { series, volume, study: study.ID });
    this.place.append(this.toggle, this.list, this.more);
    this.others = new AbortController();
    this.#tellOthers(study, this.others.signal).catch(() => {}); // the study itself is all there
  }

  /** @param {boolean} isCollapsed */
  #collapse(isCollapsed) {
    this.place.classList.toggle('collapsed', isCollapsed);
    this.toggle.setAttribute('aria-expanded', String(!isCollapsed));
    this.toggle.setAttribute('title', isCollapsed ? TEXTS.browse.expand : TEXTS.browse.collapse);
  }

  /** @param {string} id @param {Tags} tags */
  #entry(id, tags) {
    const entry = new SeriesEntry(id, tags, this.choose);
    this.entries.set(id, entry);
    this.list.append(entry.element);
    return entry;
  }

  /** @param {Study} study @param {AbortSignal} signal */
  async #tellOthers(study, signal) {
    if (!study.ParentPatient || !study.PatientMainDicomTags.PatientID) return; // all who have no identifier aren't one patient
    const query = { patient: study.ParentPatient, limit: MOST_STUDIES };
    const { Studies } = await askJson('reslice/studies', query, { signal });
    const others = /** @type {Listed[]} */ (Studies).filter(({ ID }) => ID !== study.ID);
    if (signal.aborted || others.length === 0) return;
    const items = others.map((other) => element('li', {}, otherLink(other, study)));
    this.more.append(element('h2', {}, TEXTS.browse.otherStudies), element('ul', {}, ...items));
  }
}

/** Another study under the same patient's identifier; a name that differs is told, since it may be somebody else. @param {Listed} other @param {Study} study */
function otherLink(other, study) {
  const isSame = (other.PatientName ?? '') === (study.PatientMainDicomTags.PatientName ?? '');
  const name = isSame ? [] : [element('span', { class: 'reason', dir: 'auto' }, personName(other.PatientName) || TEXTS.browse.noName)];
  const kind = [day(other.StudyDate), (other.Modalities ?? []).join(', ')].filter(Boolean).join(' · ');
  return element(
    'a',
    { href: `index.html?${new URLSearchParams({ study: other.ID })}` },
    element('span', {}, kind || TEXTS.browse.noDate),
    ...name,
    element('span', { class: 'quiet', dir: 'auto' }, other.StudyDescription || TEXTS.browse.noDescription),
  );
}
