/** Measurements drawn above the pictures: thin bright lines with a dark edge, and their values beside them. */

import { drawn } from '../panes/frame.js';
import { outlineOf } from './shapes.js';

/**
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').PaneName} PaneName
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./hits.js').Shown} Shown
 * @typedef {import('./mapping.js').Scene} Scene
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Place} Place
 * @typedef {object} Item what is to be drawn
 * @property {string} id
 * @property {Body} body
 * @property {readonly string[]} lines beside it
 * @property {readonly string[]} kinds `selected`, `stale`, `unsaved`, `draft`
 */

const HANDLE = 4.5;
const CROSS = 5;
const LINE_HEIGHT = 16;
const LETTER = 7.2;
const MARGIN = 10;

export class Overlay {
  constructor() {
    /** @type {Map<PaneName, readonly Shown[]>} what lies where, for hands */
    this.shown = new Map();
  }

  /**
   * @param {Pane} pane @param {readonly Item[]} items @param {Scene} scene
   * @param {readonly Place[]} points that are set with the keyboard's cursor last, in the pane's space
   */
  draw(pane, items, scene, points) {
    const placement = pane.placement();
    const group = drawn('g', { class: 'measurements' });
    const shown = placement ? items.flatMap((item) => this.#shape(group, pane, placement, item, scene)) : [];
    for (const point of placement ? points : []) group.append(...cross(placement?.toScreen(point) ?? [0, 0], 'cursor'));
    this.shown.set(pane.name, shown);
    pane.overlay.querySelector(':scope > .measurements')?.remove();
    pane.overlay.append(group);
  }

  /** @param {Element} group @param {Pane} pane @param {Placement} placement @param {Item} item @param {Scene} scene @returns {Shown[]} */
  #shape(group, pane, placement, item, scene) {
    const outline = outlineOf(item.body, placement, scene);
    if (!outline) return [];
    const made = drawn('g', { class: ['shape', ...item.kinds].join(' '), 'data-id': item.id });
    const paths = outline.lines.map((line) => ({ ...line, points: line.points.map(placement.toScreen) }));
    const marks = outline.marks.map(placement.toScreen);
    const handles = outline.handles.map(({ at, index }) => ({ at: placement.toScreen(at), index }));
    for (const layer of ['halo', 'line']) {
      made.append(...paths.map((path) => drawn('path', { class: path.faint ? `${layer} faint` : layer, d: pathOf(path) })));
    }
    made.append(...marks.flatMap((mark) => cross(mark, 'mark')));
    if (item.kinds.includes('selected')) made.append(...handles.map(({ at }) => drawn('circle', { class: 'handle', cx: at[0], cy: at[1], r: HANDLE })));
    made.append(words(item.lines, [...paths.flatMap((path) => path.points), ...marks], pane));
    group.append(made);
    return [{ id: item.id, paths: paths.filter((path) => !path.faint), marks, handles }];
  }
}

/** @param {{points: readonly Vec2[], closed: boolean}} path */
function pathOf({ points, closed }) {
  return `M${points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join('L')}${closed ? 'Z' : ''}`;
}

/** @param {Vec2} at @param {string} kind */
function cross([x, y], kind) {
  const d = `M${x - CROSS},${y}L${x + CROSS},${y}M${x},${y - CROSS}L${x},${y + CROSS}`;
  return ['halo', 'line'].map((layer) => drawn('path', { class: `${layer} ${kind}`, d }));
}

/** To the right of a shape, or to its left where the pane ends. @param {readonly string[]} lines @param {readonly Vec2[]} points @param {Pane} pane */
function words(lines, points, pane) {
  const rightmost = points.reduce((a, b) => (b[0] > a[0] ? b : a));
  const leftmost = points.reduce((a, b) => (b[0] < a[0] ? b : a));
  const { clientWidth: width, clientHeight: height } = pane.surface;
  const long = Math.max(0, ...lines.map((line) => line.length)) * LETTER;
  const isRight = rightmost[0] + MARGIN + long <= width || leftmost[0] - MARGIN - long < 0;
  const x = isRight ? Math.max(MARGIN, Math.min(rightmost[0] + MARGIN, width - long)) : leftmost[0] - MARGIN;
  const side = isRight ? rightmost[1] : leftmost[1];
  const y = Math.min(Math.max(side, LINE_HEIGHT), Math.max(LINE_HEIGHT, height - LINE_HEIGHT * lines.length));
  const text = drawn('text', { class: 'beside', x, y, 'text-anchor': isRight ? 'start' : 'end' });
  lines.forEach((line, k) => {
    const part = drawn('tspan', { x, dy: k === 0 ? 0 : LINE_HEIGHT });
    part.textContent = line;
    text.append(part);
  });
  return text;
}
