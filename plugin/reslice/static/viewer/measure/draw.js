/** Drawing with a mouse, a pen or a finger: the points that are set, and what becomes of them. */

import { volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { Cursor } from './cursor.js';
import { newId } from './records.js';
import { KINDS, TOOLS, bodyFrom, rangeAround } from './sketches.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').Tool} Tool
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./sketches.js').ToolName} ToolName
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Place} Place
 * @typedef {object} Sketch what is half drawn
 * @property {ToolName} name
 * @property {import('../types.js').PaneName} pane
 * @property {Placement} placement the one that it was begun on
 * @property {string} where the series and volume that it was begun on
 * @property {readonly Place[]} points
 * @property {Place | null} floating the next point, which follows the hand
 * @property {import('./sketches.js').Region | null} region of volumes
 * @property {Body | null} body what it says by now
 * @property {boolean} isSending
 * @property {boolean} isUnkept whether it was to be kept, and couldn't be sent: it stays as it is until it is tried again, or given up by Esc
 * @property {string} id that it will have
 *
 * @typedef {'kept' | 'refused' | 'failed'} Fate of what was drawn: failed is what might be kept if it were tried again
 *
 * @typedef {object} Hooks
 * @property {() => void} changed
 * @property {(body: Body) => Promise<Fate>} finished
 * @property {(text: string) => void} announce
 */

const CLICK = 3;
const CLOSING = 9;
const SAME = 2;
const OUTLINE = 3; // so many points are work that nobody wants to do twice
const DOUBLE_MS = 400;

export class Draw {
  /** @param {App} app @param {Hooks} hooks */
  constructor(app, hooks) {
    this.app = app;
    this.hooks = hooks;
    /** @type {Sketch | null} */
    this.sketch = null;
    this.cursor = new Cursor(app, this);
    this.kept = { time: -DOUBLE_MS, at: /** @type {Vec2} */ ([-1, -1]) };
  }

  /** The tools of the page. @returns {Tool[]} */
  tools() {
    return TOOLS.map((name) => ({
      name,
      cursor: 'crosshair',
      drag: (pane, at) => this.#drag(name, pane, at),
      hover: (pane, at) => this.#hover(pane, at),
      key: (pane, event) => this.cursor.key(name, pane, event),
      double: () => this.#double(),
      leave: () => this.giveUp(),
    }));
  }

  get isDrawing() {
    return this.sketch !== null;
  }

  /** @param {ToolName} name @param {Pane} pane @param {Vec2} at */
  #drag(name, pane, at) {
    const placement = pane.placement();
    const isEcho = performance.now() - this.kept.time < DOUBLE_MS && apart(at, this.kept.at) < CLICK; // the second of two clicks
    if (!placement || isEcho || this.sketch?.isSending || !this.begin(name, pane, placement, at)) return null;
    this.cursor.hide();
    const count = this.sketch?.points.length ?? 0;
    const isStart = KINDS[name].inPairs ? count % 2 === 0 : count === 0;
    if (isStart) this.add(pane, at);
    return {
      move: (/** @type {Vec2} */ to) => this.float(pane, to),
      end: (/** @type {Vec2} */ to) => (isStart && apart(at, to) <= CLICK ? this.settle(pane) : this.add(pane, to)),
      cancel: () => (isStart ? this.back() : this.float(pane, at)), // two fingers look around: what was set before stays
    };
  }

  /** Something is drawn here, or can be. @param {ToolName} name @param {Pane} pane @param {Placement} placement @param {Vec2} at */
  begin(name, pane, placement, at) {
    if (this.sketch?.isUnkept) {
      this.app.say(TEXTS.measure.retry, 'problem');
      return false;
    }
    if (this.sketch) {
      const isHere = this.isOn(pane, placement);
      const isIts = this.sketch.name === name;
      if (!isIts || !isHere) this.app.say(isHere ? TEXTS.measure.unkept : TEXTS.measure.elsewhere, 'problem');
      return isIts && isHere;
    }
    const region = name === 'volume' ? this.#regionAt(placement, at) : null;
    if (name === 'volume' && !region) {
      this.app.say('Image' in placement.target && placement.space === 'pixel' ? TEXTS.measure.noVolume : TEXTS.measure.noValue, 'problem');
      return false;
    }
    const nothing = { points: [], floating: null, body: null, isSending: false, isUnkept: false, id: newId() };
    this.sketch = { name, pane: pane.name, placement, where: this.#where(), region, ...nothing };
    this.app.say(KINDS[name].most === Infinity ? TEXTS.measure.finishHint : '');
    return true;
  }

  /** Values around that of the place, as wide as the window tells. @param {Placement} placement @param {Vec2} at */
  #regionAt(placement, at) {
    const state = this.app.store.get();
    const volume = volumeOf(state);
    const value = placement.valueAt(at);
    const shownWidth = this.app.shownWindow()?.width;
    if (!volume || value === null || placement.space === 'pixel') return null;
    const factor = isSuv(volume, placement.unit) ? factorOf(volume) : 1;
    const chosen = state.unit === 'suv' ? factorOf(volume) : 1; // the picture may still be of the unit before
    const width = (shownWidth ? shownWidth / chosen : volume.Window?.Width ?? 0) * factor;
    if (!width) return null;
    const range = rangeAround(value, width, placement.unit, factor);
    return { series: String(state.series), volume: volume.Index, range, least: Math.hypot(...volume.Spacing) / 2 };
  }

  #where() {
    const { series, volume } = this.app.store.get();
    return JSON.stringify([series, volume]);
  }

  /** Whether a pane shows what the sketch was begun on. @param {Pane} pane @param {Placement} placement */
  isOn(pane, placement) {
    const { sketch } = this;
    if (!sketch || sketch.where !== this.#where() || sketch.pane !== pane.name || sketch.placement.space !== placement.space) return false;
    if (placement.space === 'pixel') return JSON.stringify(sketch.placement.target) === JSON.stringify(placement.target);
    const limit = Math.min(placement.pixel > 0 ? (placement.plane.Spacing?.[0] ?? 1) / 2 : 0, placement.tolerance);
    return sketch.points.every((point) => Math.abs(placement.behind(point)) <= limit);
  }

  /** @param {Pane} pane @param {Vec2 | null} at */
  #hover(pane, at) {
    const placement = pane.placement();
    if (!at || !placement || !this.sketch || this.cursor.isShown || this.sketch.isSending || !this.isOn(pane, placement)) return;
    this.float(pane, at);
  }

  /** The next point would be here. @param {Pane} pane @param {Vec2} at */
  float(pane, at) {
    const placement = pane.placement();
    if (this.sketch && placement) this.floatTo(pane, placement.fromScreen(at));
  }

  /** @param {Pane} pane @param {Place | null} place */
  floatTo(pane, place) {
    const placement = pane.placement();
    const { sketch } = this;
    if (!sketch || sketch.isUnkept || !placement || !this.isOn(pane, placement)) return;
    this.sketch = { ...sketch, floating: place };
    this.#tell(placement);
  }

  /** What the sketch says by now. @param {Placement} placement */
  #tell(placement) {
    const { sketch } = this;
    if (!sketch) return;
    const points = sketch.floating ? [...sketch.points, sketch.floating] : sketch.points;
    this.sketch = { ...sketch, placement, body: bodyFrom(sketch.name, points, placement, sketch.region) };
    this.hooks.changed();
  }

  /** A point is set here. @param {Pane} pane @param {Vec2} at */
  add(pane, at) {
    const placement = pane.placement();
    return placement ? this.addPlace(pane, placement.fromScreen(at)) : undefined;
  }

  /** @param {Pane} pane @param {Place} place */
  addPlace(pane, place) {
    const placement = pane.placement();
    const { sketch } = this;
    if (!sketch || !placement || sketch.isSending || sketch.isUnkept) return;
    if (!this.isOn(pane, placement)) return this.app.say(TEXTS.measure.elsewhere, 'problem');
    const at = placement.toScreen(place);
    const last = sketch.points.at(-1);
    const isSame = last !== undefined && apart(placement.toScreen(last), at) < SAME;
    const kind = KINDS[sketch.name];
    const isOnFirst = sketch.points.length >= kind.least && apart(placement.toScreen(sketch.points[0]), at) < CLOSING;
    if (kind.most === Infinity && isOnFirst) return this.finish(pane);
    if (isSame) return this.floatTo(pane, null);
    this.sketch = { ...sketch, points: [...sketch.points, place], floating: null };
    this.#tell(placement);
    if (this.sketch.points.length >= kind.most) this.finish(pane);
  }

  /** A click set the first point: where that is enough, it is finished. @param {Pane} pane */
  settle(pane) {
    if (this.sketch?.name === 'probe') this.finish(pane);
    else this.floatTo(pane, null);
  }

  /** Take back the last point. */
  back() {
    const { sketch } = this;
    if (!sketch || sketch.isSending) return;
    if (sketch.points.length <= 1) return this.cancel(!this.cursor.isShown);
    this.sketch = { ...sketch, points: sketch.points.slice(0, -1), isUnkept: false };
    this.#tell(sketch.placement);
  }

  /** @returns {boolean} whether the double click was one of this tool's */
  #double() {
    const pane = this.app.panes().find((one) => one.name === this.sketch?.pane);
    if (pane && this.sketch && this.sketch.points.length >= KINDS[this.sketch.name].least && KINDS[this.sketch.name].most === Infinity) this.finish(pane);
    return true;
  }

  /** All points are set. @param {Pane} pane */
  async finish(pane) {
    const { sketch } = this;
    const placement = pane.placement();
    if (!sketch || !placement || sketch.isSending) return;
    if (!this.isOn(pane, placement)) return this.app.say(TEXTS.measure.elsewhere, 'problem');
    const body = bodyFrom(sketch.name, sketch.points, placement, sketch.region);
    if (!body) return;
    await this.#send({ ...sketch, body });
  }

  /** What wasn't kept is sent once more, as it was drawn. */
  async retry() {
    if (this.sketch?.isUnkept && !this.sketch.isSending) await this.#send(this.sketch);
  }

  /** @param {Sketch} sketch with all its points */
  async #send(sketch) {
    if (!sketch.body) return;
    this.sketch = { ...sketch, floating: null, isSending: true, isUnkept: false };
    this.hooks.changed();
    const fate = await this.hooks.finished({ Id: sketch.id, ...sketch.body });
    if (this.sketch?.id !== sketch.id) return; // it has turned up in the list meanwhile
    if (fate === 'kept') this.#end(sketch.placement.toScreen(sketch.points[sketch.points.length - 1]));
    else if (fate === 'refused') this.#goOn();
    else this.#stay();
  }

  /** @param {Vec2} at */
  #end(at) {
    this.kept = { time: performance.now(), at };
    if (this.sketch && KINDS[this.sketch.name].most === Infinity) this.app.say(''); // the hint
    this.sketch = null;
    this.hooks.changed();
  }

  /** It can't be measured so: nothing that was drawn is lost, and its last point follows the hand again. */
  #goOn() {
    if (!this.sketch) return;
    const { points, name, placement } = this.sketch;
    const isFull = points.length >= KINDS[name].most || points.length === 1;
    const rest = isFull ? { points: points.slice(0, -1), floating: points[points.length - 1] } : {};
    this.sketch = { ...this.sketch, ...rest, isSending: false };
    this.#tell(placement);
  }

  /** It couldn't be sent: it stays as it was drawn. */
  #stay() {
    if (!this.sketch) return;
    this.sketch = { ...this.sketch, isSending: false, isUnkept: true };
    this.hooks.changed();
  }

  /** Whether what was drawn would be lost with this page. */
  get hasWork() {
    return this.sketch !== null && (this.sketch.isSending || this.sketch.isUnkept || this.sketch.points.length >= OUTLINE);
  }

  /** It is kept after all. @param {string} id */
  found(id) {
    if (this.sketch?.id !== id || this.sketch.isSending) return false;
    this.cancel();
    return true;
  }

  /** Forget what is half drawn, and say so; but not what should have been kept. */
  giveUp() {
    if (this.sketch?.isUnkept) return this.cursor.hide();
    const isLost = this.sketch !== null && !this.sketch.isSending;
    this.cancel();
    if (!isLost) return;
    this.app.say(TEXTS.measure.cancelled);
    this.hooks.announce(TEXTS.measure.cancelled);
  }

  /** Forget what is half drawn. @param {boolean} [andCursor] */
  cancel(andCursor = true) {
    if (andCursor) this.cursor.hide();
    if (this.sketch?.isSending) return;
    this.sketch = null;
    this.hooks.changed();
  }
}

/** Whether values in this unit are the volume's SUV. @param {import('../types.js').Volume} volume @param {string} unit */
function isSuv({ Suv: suv }, unit) {
  return suv !== null && 'Factor' in suv && suv.Unit === unit;
}

/** SUV of a stored value of 1. @param {import('../types.js').Volume} volume */
function factorOf({ Suv: suv }) {
  return suv && 'Factor' in suv ? suv.Factor : 1;
}

/** @param {Vec2} a @param {Vec2} b */
function apart(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
