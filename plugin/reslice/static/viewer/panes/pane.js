/** What every pane with a flat picture has in common: the picture, what stands on it, and where it lies. */

import { FITTED, fit, fromScreen, moved, toScreen, zoomed } from '../geometry/view.js';
import { Loader } from '../net/loader.js';
import { isTable, readThroughTable, unitOf } from '../net/pictures.js';
import { differFlat, settingOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { CORNERS, PaneFrame, WARNING } from './frame.js';
import { listen } from './gestures.js';
import { handlersOf } from './hands.js';
import { Painter, imageOf } from './painter.js';
import { shortWarning } from './warnings.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').PaneName} PaneName
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../types.js').View} View
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('../net/pictures.js').Picture} Picture
 * @typedef {import('../net/loader.js').Wanted} Wanted
 * @typedef {import('./frame.js').Letters} Letters
 * @typedef {import('./frame.js').Step} Step
 * @typedef {{u: number, v: number, du: number, dv: number}} Grid where the first pixel's centre lies, and how large pixels are
 */

const WAITING_MS = 200;

export class PicturePane {
  /** @param {App} app @param {PaneName} name */
  constructor(app, name) {
    this.app = app;
    this.name = name;
    this.title = TEXTS.panes[name];
    this.frame = new PaneFrame(name, this.title);
    this.element = this.frame.element;
    this.surface = this.frame.surface;
    this.overlay = this.frame.overlay;
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {Vec2 | null} where the pointer is */
    this.cursor = null;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.isDirty = { paint: false, draw: false };
    this.frameAsked = 0;
    this.waiting = 0;
    this.ended = new AbortController();
    this.painter = new Painter(this.frame.canvas);
    this.loader = new Loader((picture) => this.#deliver(picture), (error) => this.refuse(error));
    this.ends = [listen(this.surface, handlersOf(this)), app.store.subscribe((now, before) => this.#follow(now, before))];
    this.sizes = new ResizeObserver(() => this.invalidate('draw'));
    this.sizes.observe(this.surface);
    this.frame.slider.addEventListener('input', () => this.goToStep(Number(this.frame.slider.value)));
    this.surface.addEventListener('focus', () => this.app.store.set({ focus: this.name }));
  }

  // What the kinds of panes say -----------------------------------------------------------------------------------

  /** What is to be asked for. @param {ViewerState} _state @returns {Wanted | null} */
  wanted(_state) {
    return null;
  }

  /** Keys of the state that decide it. @returns {readonly (keyof ViewerState)[]} */
  get asksFor() {
    return [];
  }

  /** @param {Picture} _picture @returns {Grid} */
  gridOf(_picture) {
    return { u: 0, v: 0, du: 1, dv: 1 };
  }

  /** How much is to be fitted into the pane. @param {Picture} _picture @returns {{width: number, height: number}} */
  extentOf(_picture) {
    return { width: 1, height: 1 };
  }

  /** @param {Picture} _picture @returns {Letters | null} */
  lettersOf(_picture) {
    return null;
  }

  /** mm of one unit of the grid, or null. @param {Picture} _picture @returns {number | null} */
  millimetres(_picture) {
    return null;
  }

  /** @returns {Step} */
  step() {
    return { index: 0, count: 1 };
  }

  /** @param {number} _index */
  goToStep(_index) {}

  /** Lines of each corner. @param {Picture} _picture @returns {Record<string, string[]>} */
  corners(_picture) {
    return {};
  }

  /** @returns {Placement | null} */
  placement() {
    return null;
  }

  /** Drawn into the overlay with each change. */
  decorate() {}

  /** The crosshair goes there. @param {Vec2} _at */
  pointAt(_at) {}

  /** @param {Picture} _picture has just come */
  received(_picture) {}

  // What all have in common ---------------------------------------------------------------------------------------

  /** Ask for what the state wants. */
  show() {
    const wanted = this.wanted(this.app.store.get());
    this.frame.tellStep(this.step());
    if (!wanted) return;
    this.loader.want(wanted);
    clearTimeout(this.waiting);
    this.waiting = window.setTimeout(() => this.element.classList.toggle('loading', this.loader.isWaiting), WAITING_MS);
  }

  end() {
    this.ended.abort();
    this.loader.end();
    clearTimeout(this.waiting);
    cancelAnimationFrame(this.frameAsked);
    this.sizes.disconnect();
    this.ends.forEach((end) => end());
    this.listeners.clear();
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** The window that the picture is shown through: its own as long as it is of another unit than the state's. @returns {WindowSetting | null} */
  window() {
    const { window, unit } = this.app.store.get();
    const told = this.picture?.window;
    const isOfThisUnit = !this.picture || unitOf(this.picture) === unit;
    return (isOfThisUnit ? window : null) ?? (told ? settingOf(told) : null);
  }

  /** Whether images are shown through tables of the files: a preview through a window needn't even have their sense. */
  get hasTable() {
    return this.picture !== null && isTable(this.picture);
  }

  get inverted() {
    return this.app.store.get().inverted;
  }

  /** @param {ViewerState} now @param {ViewerState} before */
  #follow(now, before) {
    if (!differFlat(now, before)) return;
    if (this.asksFor.some((key) => now[key] !== before[key])) this.show();
    if (this.picture && now.inverted !== before.inverted) this.#showTable(this.picture);
    this.invalidate(now.window !== before.window || now.inverted !== before.inverted ? 'paint' : 'draw');
  }

  /** @param {Picture} picture */
  #deliver(picture) {
    const isNew = picture !== this.picture;
    this.picture = picture;
    if (picture.values) this.element.classList.remove('loading');
    this.element.classList.toggle('preview', picture.values === null);
    this.frame.tellRefusal('');
    this.received(picture);
    this.invalidate(isNew ? 'paint' : 'draw');
    this.#showTable(picture);
  }

  /** Of values that the file gives a table for. @param {Picture} picture */
  async #showTable(picture) {
    const isOther = await readThroughTable(picture, this.inverted, this.ended.signal);
    if (isOther && picture === this.picture) this.invalidate('paint');
  }

  /** @param {Error & {status?: number}} error */
  refuse(error) {
    this.picture = null;
    this.element.classList.remove('loading');
    this.frame.tellRefusal(error.status === 404 ? TEXTS.panes.gone : error.message);
    this.app.refused(this);
    this.invalidate('draw');
  }

  /** Draw at the next frame. @param {'paint' | 'draw'} what */
  invalidate(what) {
    this.isDirty[what] = true;
    if (this.frameAsked) return;
    this.frameAsked = requestAnimationFrame(() => {
      this.frameAsked = 0;
      this.#redraw();
    });
  }

  #redraw() {
    const begun = performance.now();
    const { paint } = this.isDirty;
    this.isDirty = { paint: false, draw: false };
    this.painter.resize();
    if (this.picture && paint) this.painter.paint(this.picture, this.window(), this.inverted);
    this.painter.draw(this.#box());
    if (paint) performance.measure('reslice-paint', { start: begun, end: performance.now() });
    performance.clearMeasures('reslice-paint'); // observers have it; the list would grow for ever
    this.#tell();
    this.decorate();
    this.listeners.forEach((listener) => listener());
  }

  #tell() {
    const { picture, frame } = this;
    const unit = picture && this.millimetres(picture);
    frame.tellCorners(picture ? this.corners(picture) : {});
    frame.tellLetters(picture ? this.lettersOf(picture) : null);
    frame.tellScale(unit ? (this.scale * this.view.zoom) / unit : null);
  }

  /** Where the picture lies in the pane, in CSS pixels. */
  #box() {
    if (!this.picture) return null;
    const { u, v, du, dv } = this.gridOf(this.picture);
    const [rows, columns] = this.picture.plane.Size;
    const [left, top] = this.screenOf([u - du / 2, v - dv / 2]);
    const [right, bottom] = this.screenOf([u + (columns - 0.5) * du, v + (rows - 0.5) * dv]);
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  get view() {
    return this.app.store.get().views[this.name] ?? FITTED;
  }

  get size() {
    return this.frame.size;
  }

  /** CSS pixels a unit at zoom 1. */
  get scale() {
    return this.picture ? fit(this.extentOf(this.picture), this.size) : 1;
  }

  /** @param {Vec2} place in units */
  screenOf(place) {
    return toScreen(this.view, this.scale, this.size, place);
  }

  /** [row, column] of the shown picture, fractions too. @param {Vec2} at CSS pixels @returns {Vec2 | null} */
  pixelAt(at) {
    if (!this.picture) return null;
    const { u, v, du, dv } = this.gridOf(this.picture);
    const [x, y] = fromScreen(this.view, this.scale, this.size, at);
    return [(y - v) / dv, (x - u) / du];
  }

  /** @param {Vec2} at @returns {number | null} */
  valueAt(at) {
    const pixel = this.pixelAt(at);
    const { values, plane, raw } = this.picture ?? {};
    if (!pixel || !plane || !values || values instanceof Uint8Array) return null;
    const [rows, columns] = plane.Size;
    const [row, column] = pixel.map(Math.round);
    if (row < 0 || column < 0 || row >= rows || column >= columns) return null;
    const value = values[row * columns + column];
    return isNoData(value, raw ?? null) ? null : value;
  }

  /** @param {View} view */
  setView(view) {
    this.app.store.set({ views: { ...this.app.store.get().views, [this.name]: view } });
  }

  /** @param {Vec2} at @param {number} factor */
  zoom(at, factor) {
    this.setView(zoomed(this.view, this.scale, this.size, at, factor));
  }

  /** @param {Vec2} by */
  pan(by) {
    this.setView(moved(this.view, this.scale, by));
  }

  /** @param {number} by steps */
  scroll(by) {
    const { index, count } = this.step();
    this.goToStep(Math.min(count - 1, Math.max(0, index + by)));
  }

  /** What the picture isn't telling. @param {Picture} picture */
  notes(picture) {
    const notes = picture.warnings.map((warning) => `${WARNING} ${shortWarning(warning)}`);
    const isOther = isTable(picture) && !imageOf(picture, this.window(), this.inverted);
    return isOther ? [...notes, `${WARNING} ${TEXTS.panes.table}`] : notes;
  }

  /** @returns {string[]} */
  describe() {
    const lines = this.picture ? this.corners(this.picture) : {};
    return CORNERS.flatMap((corner) => lines[corner] ?? []);
  }

  snapshot() {
    if (this.frameAsked) {
      cancelAnimationFrame(this.frameAsked);
      this.frameAsked = 0;
      this.#redraw(); // so that picture, shapes and texts are of one moment
    }
    return this.picture ? this.frame.canvas : null;
  }
}

/** @param {number} value @param {import('../types.js').RawFacts | null} raw */
function isNoData(value, raw) {
  const [low, high] = raw?.Padding ?? [Infinity, -Infinity];
  return Number.isNaN(value) || value === raw?.NoData || (value >= low && value <= high);
}
