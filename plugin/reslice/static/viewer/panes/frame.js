/** The elements of a pane, and what stands on them. */

import { roundLength } from '../geometry/view.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';

/**
 * @typedef {import('../types.js').PaneName} PaneName
 * @typedef {{Left: string, Right: string, Top: string, Bottom: string}} Letters
 * @typedef {{index: number, count: number}} Step
 */

const SVG = 'http://www.w3.org/2000/svg';
/** @type {(keyof Letters)[]} */
const EDGES = ['Left', 'Right', 'Top', 'Bottom'];
/** Lines that begin with it warn. */
export const WARNING = '⚠';
const BETWEEN = ' · ';
/** @type {readonly string[]} */
export const CORNERS = ['top-left', 'top-right', 'bottom-left', 'bottom-right'];

export class PaneFrame {
  /** @param {PaneName} name @param {string} title */
  constructor(name, title) {
    this.title = title;
    this.canvas = element('canvas', { 'aria-hidden': 'true' });
    this.overlay = document.createElementNS(SVG, 'svg');
    this.overlay.setAttribute('aria-hidden', 'true');
    this.edges = EDGES.map((edge) => element('span', { class: `edge ${edge.toLowerCase()}`, 'aria-hidden': 'true' }));
    this.corners = CORNERS.map((corner) => element('div', { class: `corner ${corner}` }));
    this.message = element('p', { class: 'message', hidden: '', role: 'alert' });
    this.bar = element('span', { class: 'scale', 'aria-hidden': 'true' });
    this.surface = element('div', surfaceAttributes(title));
    const [lowerRight, ...others] = [...this.corners].reverse();
    const lower = element('div', { class: 'lower' }, this.bar, lowerRight); // whatever it tells, the bar stands above it
    this.surface.append(this.canvas, this.overlay, ...this.edges, ...others.reverse(), lower, this.message);
    this.slider = element('input', { type: 'range', min: '0', max: '0', step: '1', 'aria-label': TEXTS.panes.position(title) });
    this.element = element('figure', { class: `pane ${name}` }, this.surface, this.slider);
  }

  get size() {
    return { width: this.surface.clientWidth, height: this.surface.clientHeight };
  }

  /** @param {Record<string, string[]>} lines of each corner */
  tellCorners(lines) {
    this.corners.forEach((corner, k) => tellLines(corner, lines[CORNERS[k]] ?? []));
    const label = [this.title, ...(lines['bottom-left'] ?? []).slice(0, 1)].join(', ');
    if (this.surface.getAttribute('aria-label') !== label) this.surface.setAttribute('aria-label', label);
  }

  /** @param {Letters | null} letters */
  tellLetters(letters) {
    EDGES.forEach((edge, k) => tellText(this.edges[k], letters?.[edge] ?? ''));
  }

  /** @param {number | null} pixels CSS pixels a mm; null: nobody knows */
  tellScale(pixels) {
    this.bar.hidden = pixels === null;
    if (pixels === null || this.size.width === 0) return;
    const length = roundLength(this.size.width / 4 / pixels);
    this.bar.style.width = `${length * pixels}px`;
    tellText(this.bar, length >= 10 ? `${length / 10} cm` : `${length} mm`);
  }

  /** @param {Step} step */
  tellStep({ index, count }) {
    this.slider.max = String(Math.max(0, count - 1));
    this.slider.disabled = count < 2;
    this.slider.value = String(index);
    this.slider.setAttribute('aria-valuetext', TEXTS.panes.of(index + 1, count));
  }

  /** @param {string} text why there is no picture; '' where there is one */
  tellRefusal(text) {
    this.message.hidden = text === '';
    this.message.textContent = text;
  }
}

/** @param {string} title */
function surfaceAttributes(title) {
  return { class: 'surface', tabindex: '0', role: 'application', 'aria-label': title, 'aria-roledescription': TEXTS.panes.pane };
}

/** @param {HTMLElement} corner @param {readonly string[]} lines */
function tellLines(corner, lines) {
  const text = lines.join('\n');
  if (corner.dataset.lines === text) return;
  corner.dataset.lines = text;
  corner.replaceChildren(...lines.map((line) => element('span', line.startsWith(WARNING) ? { class: 'warning' } : {}, ...partsOf(line))));
}

/** A narrow corner breaks a line between its parts. @param {string} line */
function partsOf(line) {
  return line.split(BETWEEN).flatMap((part, k) => [...(k > 0 ? [BETWEEN] : []), element('bdi', {}, part)]);
}

/** @param {HTMLElement} place @param {string} text */
function tellText(place, text) {
  if (place.textContent !== text) place.textContent = text;
}

/** An element of the overlay. @param {string} name @param {Record<string, string | number>} attributes */
export function drawn(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  return made;
}
