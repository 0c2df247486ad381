/** The start page: the studies of the server, searched, ordered, page by page. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { studyCard } from './card.js';
import { SearchForm } from './form.js';
import { addressQuery, areInOrder, isNarrowed, PAGE, routeQuery, searchIn } from './query.js';
import { askStudies } from './worklist.js';

/** @typedef {import('./query.js').Search} Search */

export class StartPage {
  /** @param {HTMLElement} place @param {(study: string) => void} open called when a study is chosen */
  constructor(place, open) {
    this.place = place;
    this.open = open;
    this.aborter = new AbortController();
    /** @type {Search} */
    this.search = searchIn(new URLSearchParams());
    this.count = 0; // studies that are listed
    this.form = new SearchForm((search) => this.#change(search));
    this.told = element('p', { class: 'found', role: 'status' });
    this.list = element('ul', { id: 'studies' });
    this.more = element('button', { type: 'button', class: 'more', hidden: '' }, TEXTS.browse.more);
    this.more.addEventListener('click', () => this.#add());
    this.list.addEventListener('click', (event) => this.#choose(event));
  }

  /**
   * Show what an address asks for: `search`, `modality`, `date`, `order-by`. Comes back when the studies are there; what
   * the server refuses is told on the page.
   * @param {URLSearchParams} query
   */
  async show(query) {
    this.search = searchIn(query);
    this.form.show(this.search);
    this.told.replaceChildren();
    this.list.replaceChildren();
    this.more.hidden = true;
    this.place.replaceChildren(this.form.element, this.told, this.list, this.more);
    const { count = PAGE, scroll = 0 } = window.history.state?.studies ?? {};
    if (await this.#list(count)) this.place.scrollTop = scroll;
  }

  /** Nothing is shown, and what is under way counts no more. */
  end() {
    this.aborter.abort();
    this.form.end();
    this.place.replaceChildren();
  }

  /** Something else is searched for: the address tells it, and the answer to the last question wins. @param {Search} search */
  #change(search) {
    this.search = search;
    const query = addressQuery(search).toString();
    window.history.replaceState(null, '', window.location.pathname + (query ? `?${query}` : ''));
    this.#list(PAGE);
  }

  /** The first studies. @param {number} count @returns {Promise<boolean>} whether they are shown */
  async #list(count) {
    if (!areInOrder(this.search.from, this.search.to)) {
      this.aborter.abort();
      this.#replace([]);
      this.#say(TEXTS.browse.datesReversed);
      return false;
    }
    const page = await this.#ask(0, count);
    if (!page) return false;
    this.#replace(page.Studies);
    this.#tell(page.Count);
    return true;
  }

  /** The next page; the list may have changed meanwhile, so what is there already isn't added again. */
  async #add() {
    this.more.disabled = true;
    const page = await this.#ask(this.count, PAGE);
    this.more.disabled = false;
    if (!page) return;
    const cards = page.Studies.filter(({ ID }) => !this.#cardOf(ID)).map(studyCard);
    this.list.append(...cards);
    this.count += page.Studies.length;
    this.#tell(page.Studies.length > 0 ? page.Count : this.count);
    this.#keep();
    const link = cards[0]?.querySelector('a');
    link?.focus({ preventScroll: true });
  }

  /**
   * @param {number} since @param {number} limit
   * @returns {Promise<import('./worklist.js').Page | null>} null: refused, which is told, or something else was asked for meanwhile
   */
  async #ask(since, limit) {
    this.aborter.abort();
    this.aborter = new AbortController();
    const { signal } = this.aborter;
    this.list.setAttribute('aria-busy', 'true');
    if (this.list.childElementCount === 0) this.#say(TEXTS.browse.reading);
    try {
      const query = routeQuery(this.search, since, limit);
      const page = await askStudies(query, signal, (left) => !signal.aborted && this.#say(TEXTS.browse.busy(left)));
      return signal.aborted ? null : page;
    } catch (error) {
      if (!signal.aborted) this.#refuse(/** @type {Error} */ (error));
      return null;
    } finally {
      if (!signal.aborted) this.list.removeAttribute('aria-busy');
    }
  }

  /** What was shown is no answer to what is asked now. @param {Error} error */
  #refuse(error) {
    this.#replace([]);
    const again = element('button', { type: 'button' }, TEXTS.browse.again);
    again.addEventListener('click', () => this.#list(PAGE));
    this.#say(error.message, again);
  }

  /** @param {readonly import('./worklist.js').Listed[]} studies */
  #replace(studies) {
    this.count = studies.length;
    this.list.replaceChildren(...studies.map(studyCard));
    this.more.hidden = true;
  }

  /** How many there are. @param {number} whole */
  #tell(whole) {
    this.more.hidden = this.count >= whole;
    if (whole > 0) this.#say(TEXTS.browse.listed(Math.min(this.count, whole), whole));
    else if (isNarrowed(this.search)) this.#say(TEXTS.browse.noneFits, this.form.clearButton());
    else this.#say(TEXTS.browse.none);
  }

  /** @param {(string | Node)[]} words */
  #say(...words) {
    this.told.replaceChildren(...words);
  }

  /** @param {string} id */
  #cardOf(id) {
    return [...this.list.children].some((card) => /** @type {HTMLElement} */ (card).dataset.study === id);
  }

  /** So that the way back leads to the same place of the list. */
  #keep() {
    const studies = { count: this.count, scroll: this.place.scrollTop };
    window.history.replaceState({ ...window.history.state, studies }, '');
  }

  /** A plain click opens the study in this page; the browser does whatever else a link can. @param {MouseEvent} event */
  #choose(event) {
    const card = /** @type {HTMLElement} */ (event.target).closest('li');
    const isPlain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (!card?.dataset.study || !isPlain) return;
    event.preventDefault();
    event.stopPropagation();
    this.#keep();
    this.open(card.dataset.study);
  }
}
