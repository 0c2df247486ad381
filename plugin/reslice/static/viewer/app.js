/** What the parts of the page share: the state, the tools, the panes, and the way to another series. */

import { framesOf, seriesHeld } from './net/series.js';
import { forgetAll, unitOf } from './net/pictures.js';
import { Stage } from './panes/stage.js';
import { addLookingTools } from './panes/tools.js';
import { PicturePane } from './panes/pane.js';
import { Store } from './state/store.js';
import { EMPTY, opened, settingOf, volumeOf } from './state/view.js';
import { patchOf, queryOf } from './state/url.js';
import { TEXTS } from './texts.js';
import './volume/webgl.js'; // the address that the page was opened with

/**
 * @typedef {import('./types.js').App} AppShape
 * @typedef {import('./types.js').Destination} Destination
 * @typedef {import('./types.js').Held} Held
 * @typedef {import('./types.js').Frame} Frame
 * @typedef {import('./types.js').Tool} Tool
 * @typedef {import('./net/pictures.js').Picture} Picture
 */

/** A series that changes faster is shown anew only so often. */
const RENEWED_MS = 3000;

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
    /** @type {ReturnType<AppShape['usualWindow']>} */
    this.usual = null;
    /** @type {() => void} */
    this.see = () => {};
    /** @type {Promise<void>} fulfilled when something of the series is on the screen, or can't be */
    this.seen = Promise.resolve();
    this.renewed = -RENEWED_MS; // when a series was shown anew
    this.visit = 0; // of two series asked for, the later one is shown
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

  usualWindow() {
    return this.usual;
  }

  /** @returns {import('./types.js').WindowSetting | null} */
  shownWindow() {
    const { focus } = this.store.get();
    /** @type {PicturePane[]} */
    const panes = this.stage.panes.flatMap((pane) => (pane instanceof PicturePane ? [pane] : []));
    return this.store.get().window ?? (panes.find((pane) => pane.name === focus) ?? panes[0])?.window() ?? null;
  }

  /** @param {PicturePane} _pane */
  refused(_pane) {
    this.see();
    this.stage.stopProgress?.();
  }

  /** @param {PicturePane} pane @param {Picture} picture */
  shown(pane, picture) {
    this.see();
    if (picture.values && picture.window) this.usual = { window: settingOf(picture.window), unit: unitOf(picture) };
    this.stage.shown(pane, picture);
    const shape = volumeOf(this.store.get())?.Shape.join();
    if (shape && picture.shape && picture.shape !== shape) this.refresh({ isKnown: true }).catch((error) => pane.refuse(error));
  }

  /**
   * Show what a series holds, as a query of a link wants it.
   * @param {string | null} study @param {Held} held @param {number | null | undefined} volume undefined: the first, else its frames
   * @param {URLSearchParams} [query]
   */
  async show(study, held, volume, query = new URLSearchParams()) {
    this.visit += 1;
    this.see(); // whoever waits for what was there before
    this.seen = new Promise((resolve) => (this.see = resolve));
    this.usual = null;
    this.shownFrames = [];
    this.frames.delete(held.Series);
    forgetAll();
    this.stage.clear();
    const patch = opened(study, held, volume);
    this.store.set({ ...patch, ...patchOf(query, { ...this.store.get(), ...patch }) });
    await this.stage.open().finally(() => this.stage.panes.length === 0 && this.see());
  }

  /**
   * Whether it is shown in the end: something else may have been opened meanwhile.
   * @param {string} series @param {number | null} [volume]
   */
  async openSeries(series, volume) {
    const mine = (this.visit += 1);
    const { study } = this.store.get();
    const held = await seriesHeld(series);
    if (mine !== this.visit) return false;
    await this.show(study, held, volume);
    return true;
  }

  /**
   * Ask whether the shown series is still what it was: others send and delete images while somebody looks. Of what is known to
   * have changed it is shown anew at once.
   */
  async refresh({ isKnown = false } = {}) {
    const { series, held, study } = this.store.get();
    const isTooSoon = isKnown && performance.now() - this.renewed < RENEWED_MS;
    if (!series || !held || isTooSoon) return;
    const mine = this.visit;
    const now = await seriesHeld(series).catch((error) => this.#refuseAll(error));
    if (!now || mine !== this.visit) return;
    if (isKnown || fingerprintOf(now) !== fingerprintOf(held)) await this.#renew(study, now);
    else this.stage.panes.forEach((pane) => pane instanceof PicturePane && pane.show());
  }

  /** Show anew what has changed, at the same place. @param {string | null} study @param {Held} held */
  async #renew(study, held) {
    const { volume } = this.store.get();
    this.renewed = performance.now();
    const same = volume !== null && held.Volumes[volume] ? volume : undefined;
    await this.show(study, held, same, queryOf(this.store.get()));
    this.say(TEXTS.page.changed);
  }

  /** What can't be asked for any more isn't shown any more. @param {Error & {status?: number}} error @returns {null} */
  #refuseAll(error) {
    if (error.status === 0) throw error; // the line may come back
    this.stage.panes.forEach((pane) => pane instanceof PicturePane && pane.refuse(error));
    return null;
  }

  /** @param {Destination} to */
  async goTo(to) {
    const state = this.store.get();
    const isHere = state.series === to.series && state.volume === to.volume;
    if (!isHere && !(await this.openSeries(to.series, to.volume))) return;
    const { point, axes, frame } = to;
    this.store.set({ ...(point ? { crosshair: point } : {}), ...(axes ? { axes } : {}), ...(frame === undefined ? {} : { frame }) });
  }

  /** Nothing is shown any more. */
  clear() {
    this.visit += 1;
    this.see();
    this.stage.clear();
    this.store.set({ ...EMPTY, tool: this.store.get().tool });
  }
}

/** What a change of its files would change. @param {Held} held */
function fingerprintOf(held) {
  const volumes = held.Volumes.map(({ Shape, Affine, Origins, Label, Warnings }) => [Shape, Affine, Origins, Label, Warnings]);
  return JSON.stringify([volumes, held.Stacks, held.Others]);
}
