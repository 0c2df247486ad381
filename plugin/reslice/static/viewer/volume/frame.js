/** The elements of the 3-D pane. */

import { TEXTS } from '../texts.js';
import { directionLetters, element } from '../words.js';
import { negative } from '../geometry/vectors.js';
import { sightOf, SIDES } from './camera.js';
import { drawCube } from './cube.js';

/**
 * @typedef {import('./camera.js').Orbit} Orbit
 * @typedef {import('./looks.js').Look} Look
 */

const SVG = 'http://www.w3.org/2000/svg';
const EDGES = /** @type {const} */ (['left', 'right', 'top', 'bottom']);
const CUBE_BOX = '-27 -27 54 54';

export class VolumeFrame {
  constructor() {
    const { volume: texts } = TEXTS;
    this.overlay = svg('');
    this.cube = svg('cube');
    this.cube.setAttribute('viewBox', CUBE_BOX);
    this.edges = EDGES.map((edge) => element('span', { class: `edge ${edge}`, 'aria-hidden': 'true' }));
    this.title = element('div', { class: 'corner top-left' });
    this.notes = element('div', { class: 'corner bottom-left' });
    this.progress = element('progress', { max: '1', 'aria-label': texts.loading, hidden: '' });
    this.message = element('p', { class: 'message', role: 'alert', hidden: '' });
    const attributes = { class: 'surface', tabindex: '0', role: 'application', 'aria-roledescription': texts.pane };
    this.surface = element('div', { ...attributes, 'aria-label': TEXTS.panes.volume });
    this.surface.append(this.overlay, this.cube, ...this.edges, this.title, this.notes, this.progress, this.message);
    this.select = element('select', { 'aria-label': texts.look });
    this.sides = Object.keys(SIDES).map((side) => sideButton(side));
    const group = element('span', { class: 'sides', role: 'group', 'aria-label': texts.sides }, ...this.sides);
    this.element = element('figure', { class: 'volume pane' }, this.surface, element('figcaption', {}, this.select, group));
  }

  get size() {
    return { width: this.surface.clientWidth, height: this.surface.clientHeight };
  }

  /** The canvas below everything else. @param {HTMLCanvasElement} canvas */
  putCanvas(canvas) {
    this.surface.querySelector('canvas')?.remove();
    this.surface.prepend(canvas);
  }

  /** @param {readonly Look[]} looks those to choose from @param {Look} chosen */
  tellLook(looks, chosen) {
    const names = looks.map(({ name }) => name);
    if (names.join() !== [...this.select.options].map(({ value }) => value).join()) {
      this.select.replaceChildren(...names.map((name) => element('option', { value: name }, lookInWords(name))));
    }
    this.select.value = chosen.name;
  }

  /** @param {Orbit} orbit */
  tellOrbit(orbit) {
    const { right, down } = sightOf(orbit);
    const directions = [negative(right), right, negative(down), down];
    this.edges.forEach((edge, k) => tell(edge, directionLetters(directions[k])));
    drawCube(this.cube, orbit);
    const side = sideOf(orbit);
    this.sides.forEach((button) => button.setAttribute('aria-pressed', String(button.value === side)));
  }

  /** @param {readonly string[]} lines @param {readonly string[]} notes @param {string} label */
  tellLines(lines, notes, label) {
    tellLines(this.title, lines);
    tellLines(this.notes, notes);
    if (this.surface.getAttribute('aria-label') !== label) this.surface.setAttribute('aria-label', label);
  }

  /** @param {number | null} part null: nothing is being loaded; 0: nothing has come yet */
  tellProgress(part) {
    this.progress.hidden = part === null;
    if (part) this.progress.value = part;
    else this.progress.removeAttribute('value');
  }

  /** @param {string} text why there is no picture; '' where there is one */
  tellRefusal(text) {
    this.message.hidden = text === '';
    tell(this.message, text);
  }
}

/** @param {string} name */
function svg(name) {
  const made = document.createElementNS(SVG, 'svg');
  if (name) made.setAttribute('class', name);
  made.setAttribute('aria-hidden', 'true');
  return made;
}

/** @param {string} side */
function sideButton(side) {
  const name = TEXTS.volume.side[/** @type {keyof typeof TEXTS.volume.side} */ (side)];
  const attributes = { type: 'button', value: side, title: TEXTS.volume.from(name), 'aria-label': TEXTS.volume.from(name) };
  return element('button', { ...attributes, 'aria-pressed': 'false' }, side);
}

/** @param {string} name */
export function lookInWords(name) {
  return TEXTS.volume.looks[/** @type {keyof typeof TEXTS.volume.looks} */ (name)];
}

/** The side that is looked at straight, or null. @param {Orbit} orbit */
function sideOf(orbit) {
  const found = Object.entries(SIDES).find(([, side]) => side.azimuth === orbit.azimuth && side.elevation === orbit.elevation);
  return found ? found[0] : null;
}

/** From where it is seen. @param {Orbit} orbit */
export function sideInWords(orbit) {
  const side = sideOf(orbit);
  if (side === null) return TEXTS.volume.turned(Math.round(orbit.azimuth), Math.round(orbit.elevation));
  return TEXTS.volume.from(TEXTS.volume.side[/** @type {keyof typeof TEXTS.volume.side} */ (side)]);
}

export function newCanvas() {
  return element('canvas', { 'aria-hidden': 'true' });
}

/** A line each. @param {HTMLElement} place @param {readonly string[]} lines */
function tellLines(place, lines) {
  const shown = [...place.children].map((line) => line.textContent);
  if (shown.join('\n') !== lines.join('\n')) place.replaceChildren(...lines.map((line) => element('span', {}, line)));
}

/** @param {HTMLElement} place @param {string} text */
function tell(place, text) {
  if (place.textContent !== text) place.textContent = text;
}
