/** What buttons and keys do, each in one place. */

import { isValid } from '../geometry/voi.js';
import { Refused } from '../net/server.js';
import { atStep, placeAmongSteps, reset, rotated, scrolled, volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { Cine } from './cine.js';
import { Help } from './help.js';
import { askToSave } from './keyimage_dialog.js';
import { copyLink } from './link.js';
import { areAlike, askWindow, choicesOf, factorOf, knownWindow, numberedChoice, scaledWindow } from './windows.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').PaneName} PaneName
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').Slab} Slab
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 */

/** The names of windows that no file and no setting names. */
export const OF_THE_FILE = 'file';
export const AUTOMATIC = 'auto';

const RADIANS = Math.PI / 180;
const VOLUMES_ONLY = ['crosshair', 'volume'];

export class Actions {
  /** @param {App} app */
  constructor(app) {
    this.app = app;
    this.frames = 0;
    this.asks = 0;
    /** @type {{name: string, window: WindowSetting} | null} which of two equal presets was chosen */
    this.chosen = null;
    this.cine = new Cine(app, () => this.frames);
    this.help = new Help();
    app.store.when(['series', 'volume'], () => this.#opened());
    this.#opened();
  }

  get state() {
    return this.app.store.get();
  }

  /** The pane that keys act on. @returns {Pane | null} */
  get pane() {
    const panes = this.app.panes();
    return panes.find((pane) => pane.name === this.state.focus) ?? panes[0] ?? null;
  }

  /** Why a tool can't be used here; '' when it can. @param {string} name */
  whyNot(name) {
    if (!this.app.tools.has(name)) return TEXTS.ui.refused.absent;
    return this.state.volume === null && VOLUMES_ONLY.includes(name) ? TEXTS.ui.refused.stack : '';
  }

  /** @param {string} name */
  choose(name) {
    const why = this.whyNot(name);
    if (why) return this.app.say(why);
    if (name !== this.state.tool) this.app.tools.get(this.state.tool)?.leave?.();
    this.app.store.set({ tool: name });
  }

  /** So many slices or images further. @param {number} by */
  step(by) {
    const { state } = this;
    if (!volumeOf(state)) return this.#frame(state.frame + by);
    if (isPlane(state.focus)) this.app.store.set(scrolled(state, state.focus, by));
  }

  /** To the first or the last. @param {boolean} last */
  toEnd(last) {
    const { state } = this;
    if (!volumeOf(state)) return this.#frame(last ? Infinity : 0);
    if (!isPlane(state.focus)) return;
    const { steps } = placeAmongSteps(state, state.focus);
    this.app.store.set(atStep(state, state.focus, last ? steps.count - 1 : 0));
  }

  reset() {
    this.app.store.set({ ...reset(this.state), playing: false });
    for (const pane of this.app.panes()) /** @type {{reset?: () => void}} */ (pane).reset?.();
  }

  /** The crosshair turned in the focused plane. @param {number} degrees clockwise */
  turn(degrees) {
    const { state } = this;
    if (volumeOf(state) && isPlane(state.focus)) this.app.store.set(rotated(state, state.focus, degrees * RADIANS));
  }

  invert() {
    return this.#withWindow((window) => ({ ...window, invert: !window.invert }));
  }

  /** Another centre or width. @param {Partial<WindowSetting>} part @returns {Promise<void>} */
  setWindow(part) {
    return this.#withWindow((window) => {
      const changed = { ...window, ...part };
      if (!isValid(changed)) throw new RangeError(TEXTS.ui.window.invalid);
      return changed;
    });
  }

  /** A window by its name. @param {string} name */
  async preset(name) {
    if (name === OF_THE_FILE) {
      this.asks += 1;
      return this.app.store.set({ window: null });
    }
    const choice = choicesOf(this.state).find((one) => one.name === name);
    const known = choice?.window ?? null;
    return this.#withWindow(async (window) => {
      const found = known ?? (await askWindow(this.state, name));
      this.chosen = { name, window: found };
      return { ...found, invert: window.invert };
    });
  }

  /** What a number key chooses: 0 automatic, 8 that of the file, others by their names. @param {number} digit */
  number(digit) {
    if (digit === 0) return this.preset(AUTOMATIC);
    if (digit === 8) return this.preset(OF_THE_FILE);
    const choice = numberedChoice(this.state, digit);
    return choice ? this.preset(choice.name) : this.app.say(TEXTS.ui.window.noPreset);
  }

  /** Which name the window has; null: none. @returns {string | null} */
  get windowName() {
    const { window } = this.state;
    if (!window) return OF_THE_FILE;
    if (this.chosen && areAlike(this.chosen.window, window)) return this.chosen.name;
    return choicesOf(this.state).find((choice) => choice.window && areAlike(choice.window, window))?.name ?? null;
  }

  /** Values as they are stored, or as SUV; the greys stay. @param {'stored' | 'suv'} unit */
  setUnit(unit) {
    const { state } = this;
    const suv = volumeOf(state)?.Suv;
    if (!suv || !('Factor' in suv) || unit === state.unit) return;
    this.asks += 1;
    const factor = factorOf({ ...state, unit }) / factorOf(state);
    this.app.store.set({ unit, window: state.window && scaledWindow(state.window, factor) });
  }

  /** @param {Partial<Slab>} part */
  setSlab(part) {
    if (volumeOf(this.state)) this.app.store.set({ slab: { ...this.state.slab, ...part } });
  }

  maximise() {
    const { state } = this;
    if (volumeOf(state)) this.app.store.set({ maximised: state.maximised ? null : state.focus });
  }

  /** The keys go to the next pane, or the one before. @param {1 | -1} by */
  nextPane(by) {
    const panes = this.app.panes();
    const next = panes[(panes.findIndex((pane) => pane.name === this.state.focus) + by + panes.length) % panes.length];
    if (!next) return;
    this.app.store.set({ focus: next.name, ...(this.state.maximised ? { maximised: next.name } : {}) });
    next.surface.focus({ preventScroll: true });
  }

  leave() {
    this.app.tools.get(this.state.tool)?.leave?.();
    this.app.store.set({ playing: false });
  }

  keyImage() {
    return this.pane ? askToSave(this.app, this.pane) : undefined;
  }

  copyLink() {
    return copyLink(this.app);
  }

  /** Keys go to the focused pane again. */
  giveBack() {
    this.pane?.surface.focus({ preventScroll: true });
  }

  /** @param {number} frame */
  #frame(frame) {
    if (this.frames > 0) this.app.store.set({ frame: Math.min(this.frames - 1, Math.max(0, frame)) });
  }

  /** Another series: how many images it has, and a tool that it knows. */
  #opened() {
    const { series, volume, held, tool } = this.state;
    this.asks += 1;
    this.frames = 0;
    if (!series || volume !== null) return;
    if (VOLUMES_ONLY.includes(tool)) this.choose('window');
    if (!held?.Stacks.length) return;
    this.app.framesOf(series).then(
      (frames) => {
        if (this.state.series === series) this.frames = frames.length;
      },
      (error) => this.app.say(error.message, 'problem'),
    );
  }

  /**
   * Another window made of the one in use, which the server may have to be asked for. The last wish counts, and none of
   * another series.
   * @param {(window: WindowSetting) => WindowSetting | Promise<WindowSetting>} change
   */
  async #withWindow(change) {
    const mine = (this.asks += 1);
    try {
      const known = knownWindow(this.state);
      const changed = known ? change(known) : change(await askWindow(this.state));
      const window = changed instanceof Promise ? await changed : changed;
      if (mine === this.asks) this.app.store.set({ window });
    } catch (error) {
      if (mine === this.asks) this.app.say(wordsOf(error), 'problem');
    }
  }
}

/** @param {PaneName} name @returns {name is PlaneName} */
function isPlane(name) {
  return name === 'axial' || name === 'coronal' || name === 'sagittal';
}

/** @param {unknown} error */
function wordsOf(error) {
  if (error instanceof Refused || error instanceof RangeError) return error.message;
  return TEXTS.ui.window.none;
}
