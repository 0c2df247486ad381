/** What the parts of the page share: the state, the tools, the panes, and the way to another series. */

import { framesOf, seriesHeld } from './net/series.js';
import { forgetAll } from './net/pictures.js';
import { Stage } from './panes/stage.js';
import { addLookingTools } from './panes/tools.js';
import { PicturePane } from './panes/pane.js';
import { Store } from './state/store.js';
import { EMPTY, opened } from './state/view.js';
import { patchOf } from './state/url.js';

/**
 * @typedef {import('./types.js').App} AppShape
 * @typedef {import('./types.js').Destination} Destination
 * @typedef {import('./types.js').Held} Held
 * @typedef {import('./types.js').Frame} Frame
 * @typedef {import('./types.js').Tool} Tool
 * @typedef {import('./net/pictures.js').Picture} Picture
 */

/** @implements {AppShape} */
export class App {
  /** @param {HTMLElement} place of the panes @param {(text: string, kind?: 'quiet' | 'problem') => void} say */
  constructor(place, say) {
    /** @type {Store<import('./types.js').ViewerState>} */
    this.store = new Store(EMPTY);
    /** @type {Map<string, Tool>} */
    this.tools = new Map();
    /** @type {AppShape['grabbers']} */
    this.grabbers = [];
    this.say = say;
    /** @type {Stage} */
    this.stage = new Stage(this, place);
    /** @type {Map<string, Promise<readonly Frame[]>>} */
    this.frames = new Map();
    /** @type {readonly Frame[]} of the shown series */
    this.shownFrames = [];
    /** @type {boolean | null} */
    this.inverts = null;
    addLookingTools(this);
    this.store.when(['tool'], (now, before) => this.tools.get(before.tool)?.leave?.());
  }

  panes() {
    return this.stage.panes;
  }

  /** @param {() => void} listener */
  onPanes(listener) {
    this.stage.listeners.add(listener);
    return () => this.stage.listeners.delete(listener);
  }

  /** @param {string} series */
  framesOf(series) {
    const asked = this.frames.get(series) ?? framesOf(series);
    this.frames.set(series, asked);
    asked.then(
      (frames) => this.store.get().series === series && (this.shownFrames = frames),
      () => this.frames.delete(series),
    );
    return asked;
  }

  /** @param {number} volume @param {number} slice */
  frameOfSlice(volume, slice) {
    return this.shownFrames.filter((frame) => frame.Volume === volume)[slice] ?? null;
  }

  usualInvert() {
    return this.inverts;
  }

  /** @returns {import('./types.js').WindowSetting | null} */
  shownWindow() {
    const { focus } = this.store.get();
    /** @type {PicturePane[]} */
    const panes = this.stage.panes.flatMap((pane) => (pane instanceof PicturePane ? [pane] : []));
    return (panes.find((pane) => pane.name === focus) ?? panes[0])?.window() ?? null;
  }

  /** @param {PicturePane} pane @param {Picture} picture */
  shown(pane, picture) {
    if (picture.values && picture.window) this.inverts = picture.window.Invert;
    this.stage.shown(pane, picture);
  }

  /**
   * Show what a series holds, as a query of a link wants it.
   * @param {string} study @param {Held} held @param {number | null | undefined} volume undefined: the first, else its frames
   * @param {URLSearchParams} [query]
   */
  async show(study, held, volume, query = new URLSearchParams()) {
    this.inverts = null;
    this.shownFrames = [];
    forgetAll();
    this.stage.clear();
    const patch = opened(study, held, volume);
    this.store.set({ ...patch, ...patchOf(query, { ...this.store.get(), ...patch }) });
    await this.stage.open();
  }

  /** @param {string} series @param {number | null} [volume] */
  async openSeries(series, volume) {
    const { study } = this.store.get();
    await this.show(String(study), await seriesHeld(series), volume);
  }

  /** @param {Destination} to */
  async goTo(to) {
    const state = this.store.get();
    if (state.series !== to.series || state.volume !== to.volume) await this.openSeries(to.series, to.volume);
    const { point, axes, frame } = to;
    this.store.set({ ...(point ? { crosshair: point } : {}), ...(axes ? { axes } : {}), ...(frame === undefined ? {} : { frame }) });
  }

  /** Nothing is shown any more. */
  clear() {
    this.stage.clear();
    this.store.set({ ...EMPTY, tool: this.store.get().tool });
  }
}
