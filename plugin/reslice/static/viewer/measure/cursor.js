/** Drawing with the keyboard: a cursor that arrows move by pixels of the picture, and points that Enter sets. */

import { volumeOf } from '../state/view.js';
import { along } from '../geometry/vectors.js';
import { TEXTS } from '../texts.js';
import { pointInWords } from '../panes/told.js';
import { vector } from './mapping.js';
import { KINDS } from './sketches.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./draw.js').Draw} Draw
 * @typedef {import('./sketches.js').ToolName} ToolName
 * @typedef {import('./types.js').Place} Place
 */

/** @type {Readonly<Record<string, Vec2>>} columns and rows */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const FAR = 10;

export class Cursor {
  /** @param {App} app @param {Draw} draw */
  constructor(app, draw) {
    this.app = app;
    this.draw = draw;
    /** @type {{pane: import('../types.js').PaneName, place: Place} | null} */
    this.at = null;
    /** @type {WeakSet<KeyboardEvent>} */
    this.seen = new WeakSet(); // whoever asks for the second time gets the same answer
  }

  get isShown() {
    return this.at !== null;
  }

  hide() {
    this.at = null;
  }

  /** @param {ToolName} name @param {Pane} pane @param {KeyboardEvent} event @returns {boolean} whether it has used the key */
  key(name, pane, event) {
    if (this.seen.has(event)) return true;
    const placement = pane.placement();
    if (!placement || event.ctrlKey || event.metaKey || event.altKey) return false;
    const isUsed = this.#use(name, pane, placement, event);
    if (isUsed) {
      this.seen.add(event);
      event.preventDefault();
    }
    return isUsed;
  }

  /** @param {ToolName} name @param {Pane} pane @param {Placement} placement @param {KeyboardEvent} event */
  #use(name, pane, placement, event) {
    if (event.key === 'Escape') return this.#escape();
    if (event.key === 'Enter' && this.draw.sketch?.isUnkept) return this.#retry();
    if (this.at?.pane !== pane.name) return event.key === 'Enter' && (this.#close(pane) || this.#show(pane, placement));
    if (event.key in ARROWS) this.#move(pane, placement, ARROWS[event.key], event.shiftKey ? FAR : 1);
    else if (event.key === 'Enter') this.#set(name, pane, placement);
    else if (event.key === 'Backspace') this.#back(pane);
    else return false;
    return true;
  }

  #escape() {
    const isUsed = this.isShown || this.draw.isDrawing;
    if (isUsed) {
      this.draw.cancel();
      this.draw.hooks.announce(TEXTS.measure.cancelled);
    }
    return isUsed;
  }

  #retry() {
    this.draw.retry();
    return true;
  }

  /** An outline that a mouse has drawn. @param {Pane} pane */
  #close(pane) {
    const { sketch } = this.draw;
    const kind = sketch && KINDS[sketch.name];
    if (!sketch || sketch.pane !== pane.name || kind?.most !== Infinity || sketch.points.length < kind.least) return false;
    this.draw.finish(pane);
    return true;
  }

  /** @param {Pane} pane @param {Placement} placement */
  #show(pane, placement) {
    this.at = { pane: pane.name, place: this.#start(pane, placement) };
    this.draw.hooks.changed();
    this.#announce(placement, TEXTS.measure.cursorHelp);
    return true;
  }

  /** At the crosshair, or in the middle of the picture. @param {Pane} pane @param {Placement} placement @returns {Place} */
  #start(pane, placement) {
    if (placement.space === 'LPS' && volumeOf(this.app.store.get())) return placement.fromScreen(placement.toScreen(this.app.store.get().crosshair));
    const [rows, columns] = placement.plane.Size;
    return [Math.floor(columns / 2), Math.floor(rows / 2)];
  }

  /** @param {Pane} pane @param {Placement} placement @param {Vec2} by @param {number} times */
  #move(pane, placement, [columns, rows], times) {
    if (!this.at) return;
    const place = onPlane(this.at.place, placement);
    this.at = { ...this.at, place: moved(place, placement, columns * times, rows * times) };
    if (this.draw.sketch) this.draw.floatTo(pane, this.draw.isOn(pane, placement) ? this.at.place : null);
    else this.draw.hooks.changed();
    this.#announce(placement);
  }

  /** @param {ToolName} name @param {Pane} pane @param {Placement} placement */
  #set(name, pane, placement) {
    const { draw } = this;
    if (!this.at) return;
    const at = placement.toScreen(this.at.place);
    const place = onPlane(this.at.place, placement);
    if (!draw.begin(name, pane, placement, at)) return;
    const before = draw.sketch?.points ?? [];
    const isTwice = before.length >= KINDS[name].least && isSame(before[before.length - 1], place);
    if (isTwice || name === 'probe') {
      if (name === 'probe') draw.addPlace(pane, place);
      draw.finish(pane);
    } else {
      draw.addPlace(pane, place);
      this.#announce(placement, TEXTS.measure.pointSet(draw.sketch?.points.length ?? KINDS[name].most));
    }
  }

  /** @param {Pane} pane */
  #back(pane) {
    this.draw.back();
    const placement = pane.placement();
    if (placement && this.at && this.draw.sketch) this.draw.floatTo(pane, this.at.place);
    if (placement) this.#announce(placement, TEXTS.measure.pointTaken);
  }

  /** @param {Placement} placement @param {string} [first] */
  #announce(placement, first) {
    const { at } = this;
    if (!at) return;
    const place = placement.space === 'LPS' ? pointInWords(at.place) : TEXTS.measure.pixel(at.place[0], at.place[1]);
    this.draw.hooks.announce([first, place].filter(Boolean).join('. '));
  }
}

/** So many pixels further, within the picture. @param {Place} place @param {Placement} placement @param {number} columns @param {number} rows @returns {Place} */
function moved(place, placement, columns, rows) {
  const { plane, directions, space } = placement;
  if (space === 'pixel') {
    const [height, width] = plane.Size;
    return [within(place[0] + columns, width), within(place[1] + rows, height)];
  }
  if (!directions || !plane.Spacing || !plane.Position) return place;
  const [down, right] = plane.Spacing;
  return along(along(vector(place), columns * right, directions.row), rows * down, directions.column);
}

/** The plane may be another one by now. @param {Place} place @param {Placement} placement @returns {Place} */
function onPlane(place, placement) {
  return placement.space === 'LPS' ? placement.fromScreen(placement.toScreen(place)) : place;
}

/** @param {number} index @param {number} count */
function within(index, count) {
  return Math.min(count - 1, Math.max(0, index));
}

/** @param {Place} a @param {Place} b */
function isSame(a, b) {
  return a.every((part, k) => Math.abs(part - b[k]) < 1e-6);
}
