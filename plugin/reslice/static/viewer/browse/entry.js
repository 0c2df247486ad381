/** One series of the list: its thumbnail, what it is, its volumes where there are several, and what is wrong with it. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { hasPictures, isUsual, kindOf, titleOf, volumeInWords, warningsOf, whyNot } from './held.js';
import { noThumbnail, thumbnail } from './thumbnail.js';

/**
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('./held.js').Tags} Tags
 */

export class SeriesEntry {
  /** @param {string} id @param {Tags} tags @param {(series: string, volume?: number | null) => void} choose */
  constructor(id, tags, choose) {
    this.id = id;
    this.tags = tags;
    this.choose = choose;
    /** @type {Held | null} */
    this.held = null;
    /** @type {number} */
    this.count = 0;
    this.button = element('button', { type: 'button', class: 'series', 'aria-pressed': 'false' });
    this.button.addEventListener('click', () => choose(id));
    this.parts = element('div', { class: 'parts' });
    /** @type {Map<number | null, HTMLButtonElement>} by the index of a volume; null: what belongs to none */
    this.choices = new Map();
    this.element = element('li', {}, this.button, this.parts);
    this.#fill(noThumbnail(TEXTS.browse.reading));
  }

  title() {
    return titleOf(this.tags, this.held);
  }

  /** Say what the series holds, once that is known. @param {Held | null} held */
  tell(held) {
    if (!held) return;
    const isNew = this.held === null;
    this.held = { ...this.held, ...held };
    this.count = held.MeasurementCount ?? this.count;
    if (isNew) this.#choices(this.held);
    this.button.disabled = !hasPictures(held);
    const kept = isNew ? null : this.button.querySelector('.thumbnail'); // a picture isn't asked for twice
    this.#fill(kept instanceof HTMLElement ? kept : this.#thumbnail(held));
  }

  /** @param {number} count */
  measured(count) {
    if (count === this.count) return;
    this.count = count;
    const box = this.button.querySelector('.thumbnail');
    if (box instanceof HTMLElement) this.#fill(box);
  }

  /** @param {boolean} isChosen @param {number | null} [volume] */
  mark(isChosen, volume) {
    this.button.setAttribute('aria-pressed', String(isChosen));
    this.element.classList.toggle('chosen', isChosen);
    for (const [index, choice] of this.choices) choice.setAttribute('aria-pressed', String(isChosen && index === volume));
  }

  /** @param {Held} held */
  #thumbnail(held) {
    const box = hasPictures(held) ? thumbnail(`series/${encodeURIComponent(held.Series)}/thumbnail`) : noThumbnail();
    if (held.Volumes.length > 0 || isUsual(held)) return box;
    const why = whyNot(held) || TEXTS.browse.empty;
    box.append(element('span', { class: 'why', title: why }, why));
    return box;
  }

  /** @param {HTMLElement} box with the picture */
  #fill(box) {
    const { held } = this;
    const title = this.title();
    const only = held?.Volumes.length === 1 ? [element('span', { class: 'quiet' }, volumeInWords(held.Volumes[0]))] : [];
    this.button.replaceChildren(
      box,
      element('span', { class: 'title', dir: 'auto', title }, title),
      element('span', { class: 'quiet', dir: 'auto' }, kindOf(this.tags, held)),
      ...only,
      ...this.#badges(),
    );
  }

  #badges() {
    const warnings = this.held ? warningsOf(this.held) : [];
    const badges = [];
    if (this.count > 0) badges.push(element('span', { class: 'badge' }, TEXTS.browse.measurements(this.count)));
    if (warnings.length > 0) {
      const title = warnings.map((details) => `${details}.`).join('\n');
      badges.push(element('span', { class: 'badge warned', title }, TEXTS.browse.warnings(warnings.length)));
    }
    return badges.length > 0 ? [element('span', { class: 'badges' }, ...badges)] : [];
  }

  /** What there is to choose within the series. @param {Held} held */
  #choices(held) {
    const frames = held.Stacks.reduce((sum, stack) => sum + stack.FrameCount, 0);
    const hasRest = held.Volumes.length > 0 && frames > 0;
    if (held.Volumes.length < 2 && !hasRest) return;
    for (const volume of held.Volumes) {
      const label = volume.Label || TEXTS.browse.volume(volume.Index + 1);
      this.#choice(volume.Index, label, volumeInWords(volume));
    }
    if (hasRest) this.#choice(null, TEXTS.browse.rest(frames), whyNot({ ...held, Others: [] }));
  }

  /** @param {number | null} index @param {string} label @param {string} details */
  #choice(index, label, details) {
    const choice = element(
      'button',
      { type: 'button', class: 'part', 'aria-pressed': 'false', title: `${label}: ${details}` },
      element('span', { class: 'label', dir: 'auto' }, label),
      element('span', { class: 'quiet' }, details),
    );
    choice.addEventListener('click', () => this.choose(this.id, index));
    this.choices.set(index, choice);
    this.parts.append(choice);
  }
}
