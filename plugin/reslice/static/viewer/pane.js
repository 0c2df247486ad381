/** One picture with a slider through its positions. */

import { ask } from './net/server.js';
import { element } from './words.js';

const EDGES = ['left', 'right', 'top', 'bottom'];
const COORDINATES = "Millimetres towards the patient's left (L) or right (R), back (P) or front (A), head (H) or feet (F): DICOM's LPS";

/**
 * A pane.
 * @param kind its class, such as `axial`
 * @param title what stands above the picture
 * @param source `address(index)` gives [path, query] of the picture (index null: wherever the server begins), and
 *   `told(headers, index)` gives {index, count, position, edges} of an answer
 */
export class Pane {
  constructor(kind, title, source) {
    this.source = source;
    this.output = element('output', { title: COORDINATES });
    this.image = element('img', { alt: '', draggable: 'false' });
    this.message = element('p', { hidden: '' });
    this.edges = EDGES.map((edge) => element('span', { class: `edge ${edge}` }));
    this.slider = element('input', { type: 'range', min: '0', max: '0', step: '1', 'aria-label': `${title}: position` });
    this.picture = element('div', { class: 'picture' }, this.image, this.message, ...this.edges);
    const caption = element('figcaption', {}, element('span', {}, title), this.output);
    this.element = element('figure', { class: kind }, caption, this.picture, this.slider);
    this.title = title;
    this.wanted = undefined;
    this.isBusy = false;
    this.aborter = new AbortController();
    this.slider.addEventListener('input', () => this.show(Number(this.slider.value)));
    this.picture.addEventListener('wheel', (event) => this.#step(event), { passive: false });
  }

  /** Show a position; of those asked for while one is under way, the last. */
  async show(index) {
    this.wanted = index;
    if (index !== null) this.#tellPlace(index);
    if (this.isBusy) return;
    this.isBusy = true;
    while (this.wanted !== undefined) {
      const next = this.wanted;
      this.wanted = undefined;
      await this.#load(next);
    }
    this.isBusy = false;
  }

  /** Ask no more, and give the picture back. */
  end() {
    this.aborter.abort();
    this.wanted = undefined;
    URL.revokeObjectURL(this.image.src);
  }

  async #load(index) {
    try {
      const answer = await ask(...this.source.address(index), { signal: this.aborter.signal });
      const address = URL.createObjectURL(await answer.blob());
      this.#draw(address, this.source.told(answer.headers, index ?? 0));
    } catch (error) {
      if (error.name !== 'AbortError') this.#refuse(error);
    }
  }

  #draw(address, told) {
    URL.revokeObjectURL(this.image.src);
    this.image.src = address;
    this.image.hidden = false;
    this.message.hidden = true;
    this.slider.max = String(told.count - 1);
    this.slider.disabled = told.count < 2;
    if (this.wanted === undefined) {
      this.slider.value = String(told.index);
      this.#tellPlace(told.index);
    }
    this.output.value = [`${told.index + 1} / ${told.count}`, told.position].filter(Boolean).join(' · ');
    this.image.alt = `${this.title}, ${this.output.value}`;
    EDGES.forEach((edge, k) => {
      this.edges[k].textContent = told.edges[edge[0].toUpperCase() + edge.slice(1)] ?? '';
    });
  }

  /** Whoever hears the slider hears where it stands, not where the last picture lies. */
  #tellPlace(index) {
    this.slider.setAttribute('aria-valuetext', `${index + 1} of ${Number(this.slider.max) + 1}`);
  }

  #refuse(error) {
    this.image.hidden = true;
    this.message.hidden = false;
    this.message.textContent = error.status === 404 ? 'This is no longer on the server.' : error.message;
    this.output.value = '';
    this.edges.forEach((edge) => (edge.textContent = ''));
  }

  #step(event) {
    if (event.ctrlKey || this.slider.disabled || event.deltaY === 0) return;
    event.preventDefault();
    const last = Number(this.slider.max);
    const index = Math.min(last, Math.max(0, Number(this.slider.value) + Math.sign(event.deltaY)));
    this.slider.value = String(index);
    this.show(index);
  }
}
