/** Measurements drawn above the pictures: thin bright lines with a dark edge, and their values beside them. */

import { drawn } from '../panes/frame.js';
import { isSeen } from './hits.js';
import { LINE_HEIGHT, leader, placed, shortened } from './labels.js';
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
 * @typedef {Shown & {made: Element, lines: readonly string[], kinds: readonly string[]}} Shape
 * @typedef {object} Item what is to be drawn
 * @property {string} id
 * @property {Body} body
 * @property {readonly string[]} lines beside it
 * @property {readonly string[]} kinds `selected`, `stale`, `unsaved`, `draft`
 */

const HANDLE = 4.5;
const CROSS = 5;
const LONGEST = 240; // CSS pixels of a label
const FONT = '600 13px system-ui, "Segoe UI", "DejaVu Sans", sans-serif';
const LETTER = 7.2;
const COARSE = 40; // CSS pixels
const MOST_LENGTHS = 1000; // while a hand draws, the numbers change

/** @type {Map<string, number>} */
const lengths = new Map();
const paper = document.createElement('canvas').getContext('2d');

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
    const shapes = placement ? items.flatMap((item) => shapeOf(placement, item, scene)) : [];
    group.append(...shapes.map(({ made }) => made));
    group.append(...labelsOf(shapes, pane.surface));
    for (const point of placement ? points : []) group.append(...cross(placement?.toScreen(point) ?? [0, 0], 'cursor'));
    this.shown.set(pane.name, shapes);
    pane.overlay.querySelector(':scope > .measurements')?.remove();
    pane.overlay.append(group);
  }

  /** Whether a measurement is to be seen there. @param {string} id @param {Pane} pane */
  shows(id, { name, surface }) {
    const shown = this.shown.get(name)?.find((shape) => shape.id === id);
    return shown !== undefined && isSeen(shown, surface.clientWidth, surface.clientHeight);
  }
}

/** @param {Placement} placement @param {Item} item @param {Scene} scene @returns {Shape[]} none where nothing of it is here */
function shapeOf(placement, item, scene) {
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
  return [{ id: item.id, made, lines: item.lines, kinds: item.kinds, paths: paths.filter((path) => !path.faint), marks, handles }];
}

/** Words stand beside what can be seen, above all lines. @param {readonly Shape[]} shapes @param {HTMLElement} surface */
function labelsOf(shapes, surface) {
  const { clientWidth: width, clientHeight: height } = surface;
  const told = shapes.filter((shape) => shape.lines.length > 0 && isSeen(shape, width, height)).map((shape) => {
    const lines = shape.lines.map((line) => shortened(line, Math.min(LONGEST, width - 2 * HANDLE), lengthOf));
    const points = [...shape.paths.flatMap((path) => path.points), ...shape.marks];
    return { shape, lines, points, width: Math.max(...lines.map(lengthOf)), height: LINE_HEIGHT * lines.length };
  });
  if (told.length === 0) return [];
  const places = placed(told, width, height, writtenOn(surface));
  return told.flatMap((label, k) => {
    const away = leader(places[k], label, told);
    const line = away ? [drawn('path', { class: 'leader', d: pathOf({ points: away, closed: false }) })] : [];
    return [...line, words(label.lines, places[k], label.shape.kinds)];
  });
}

/** What the pane says itself. Its numbers change with the pointer: in coarse steps, so that labels don't jump. @param {HTMLElement} surface */
function writtenOn(surface) {
  const pane = surface.getBoundingClientRect();
  return [...surface.querySelectorAll('.corner span, .edge, .scale')].map((part) => part.getBoundingClientRect()).filter(({ width }) => width > 0).map((box) => {
    const { left, top, right, bottom } = { left: box.left - pane.left, top: box.top - pane.top, right: box.right - pane.left, bottom: box.bottom - pane.top };
    const isOnTheRight = left > pane.width / 2;
    return { left: isOnTheRight ? Math.floor(left / COARSE) * COARSE : left, top, right: isOnTheRight ? right : Math.ceil(right / COARSE) * COARSE, bottom };
  });
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

/** How long a line is, in the font of css/measure.css. @param {string} line */
function lengthOf(line) {
  const known = lengths.get(line);
  if (known !== undefined) return known;
  if (lengths.size > MOST_LENGTHS) lengths.clear();
  if (paper) paper.font = FONT;
  const length = paper?.measureText(line).width ?? line.length * LETTER;
  lengths.set(line, length);
  return length;
}

/** @param {readonly string[]} lines @param {Vec2} at the upper left corner @param {readonly string[]} kinds */
function words(lines, [x, y], kinds) {
  const text = drawn('text', { class: ['beside', ...kinds.map((kind) => `of-${kind}`)].join(' '), x, y: y + LINE_HEIGHT / 2 });
  lines.forEach((line, k) => {
    const part = drawn('tspan', { x, dy: k === 0 ? 0 : LINE_HEIGHT });
    part.textContent = line;
    text.append(part);
  });
  return text;
}
