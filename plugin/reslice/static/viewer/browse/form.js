/** What the work list is narrowed by, and its order. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { LONGEST_SEARCH, ORDERS, searchIn } from './query.js';

/** @typedef {import('./query.js').Search} Search */

const MODALITIES = ['CR', 'CT', 'DX', 'ES', 'MG', 'MR', 'NM', 'OPT', 'PT', 'RF', 'RTDOSE', 'SC', 'SM', 'US', 'XA'];
const PAUSE = 250; // ms without a further letter

export class SearchForm {
  /** @param {(search: Search) => void} changed */
  constructor(changed) {
    this.changed = changed;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    const { browse } = TEXTS;
    this.words = element('input', {
      ...{ type: 'search', name: 'search', maxlength: String(LONGEST_SEARCH), placeholder: browse.searchHint },
      ...{ autocomplete: 'off', spellcheck: 'false', enterkeyhint: 'search' },
    });
    this.modality = element('select', { name: 'modality' });
    this.from = element('input', { type: 'date', name: 'from', max: '9999-12-31' });
    this.to = element('input', { type: 'date', name: 'to', max: '9999-12-31' });
    this.order = element('select', { name: 'order-by' }, ...ORDERS.map((value) => element('option', { value }, browse.orders[value])));
    this.element = element(
      'form',
      { class: 'search', role: 'search', 'aria-label': browse.searchStudies },
      labelled(browse.search, this.words),
      labelled(browse.modality, this.modality),
      labelled(browse.from, this.from),
      labelled(browse.to, this.to),
      labelled(browse.order, this.order),
    );
    this.words.addEventListener('input', () => this.#soon());
    for (const field of [this.modality, this.from, this.to, this.order]) field.addEventListener('change', () => this.#now());
    this.element.addEventListener('submit', (event) => {
      event.preventDefault();
      this.#now();
    });
  }

  /** @param {Search} search */
  show(search) {
    clearTimeout(this.timer);
    this.words.value = search.search;
    const known = ['', ...MODALITIES];
    const all = known.includes(search.modality) ? known : [...known, search.modality];
    const name = (/** @type {string} */ value) => value.replaceAll(',', ', ') || TEXTS.browse.anyModality;
    this.modality.replaceChildren(...all.map((value) => element('option', { value }, name(value))));
    this.modality.value = search.modality;
    this.from.value = search.from;
    this.to.value = search.to;
    this.order.value = search.order;
  }

  /** Nothing is waited for. */
  end() {
    clearTimeout(this.timer);
  }

  /** A button that searches for everything again, in the order that was chosen. */
  clearButton() {
    const button = element('button', { type: 'button' }, TEXTS.browse.clear);
    button.addEventListener('click', () => {
      this.show({ ...searchIn(new URLSearchParams()), order: this.#search().order });
      this.#now();
      this.words.focus();
    });
    return button;
  }

  #soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.#now(), PAUSE);
  }

  #now() {
    clearTimeout(this.timer);
    this.changed(this.#search());
  }

  /** @returns {Search} */
  #search() {
    const order = ORDERS.find((known) => known === this.order.value) ?? ORDERS[0];
    return { search: this.words.value, modality: this.modality.value, from: this.from.value, to: this.to.value, order };
  }
}

/** @param {string} text @param {HTMLElement} field */
function labelled(text, field) {
  return element('label', {}, element('span', {}, text), field);
}
