/** What buttons and keys do, each in one place. */

import { areAlike, isValid, scaledWindow } from '../geometry/voi.js';
import { Refused } from '../net/server.js';
import { alongSlices, atStep, placeAmongSteps, reset, rotated, scrolled, volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { Cine } from './cine.js';
import { Help } from './help.js';
import { askToSave } from './keyimage_dialog.js';
import { copyLink } from './link.js';
import { brief } from './parts.js';
import { askWindow, choicesOf, factorOf, knownWindow, numberedChoice } from './windows.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').PaneName} PaneName
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').Slab} Slab
 * @typedef {keyof typeof TEXTS.ui.tools} ToolName
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
    /** @type {readonly Frame[]} those of a stack, as its pane has them */
    this.frames = [];
    this.asks = 0;
    /** @type {{unit: string, window: WindowSetting} | null} the window that a volume was opened with */
    this.own = null;
    this.isFresh = false;
    /** @type {{name: string, window: WindowSetting} | null} which of two equal presets was chosen */
    this.chosen = null;
    /** @type {() => void} the images of a stack are known */
    this.onFrames = () => {};
    this.cine = new Cine(app, () => this.frames);
    this.help = new Help();
    app.store.when(['series', 'volume'], () => this.#opened());
    app.store.when(['window'], (now) => this.#firstWindow(now));
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

  /** @param {ToolName} name */
  choose(name) {
    const why = this.whyNot(name);
    if (why) return brief(this.app, `${TEXTS.ui.tools[name]}: ${why}`);
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

  alongSlices() {
    this.app.store.set({ ...alongSlices(this.state), playing: false });
  }

  reset() {
    this.app.store.set({ ...reset(this.state), playing: false });
  }

  /** The crosshair turned in the focused plane. @param {number} degrees clockwise */
  turn(degrees) {
    const { state } = this;
    if (volumeOf(state) && isPlane(state.focus)) this.app.store.set(rotated(state, state.focus, degrees * RADIANS));
  }

  invert() {
    return this.#withWindow(() => ({ inverted: !this.state.inverted }));
  }

  /** Another centre or width. @param {Partial<WindowSetting>} part @returns {Promise<void>} */
  setWindow(part) {
    return this.#withWindow((window) => {
      const changed = { ...window, ...part };
      if (!isValid(changed)) throw new RangeError(TEXTS.ui.window.invalid);
      return { window: changed };
    });
  }

  /** A window by its name. @param {string} name */
  async preset(name) {
    if (name === OF_THE_FILE) return this.#ofTheFile();
    const choice = choicesOf(this.state).find((one) => one.name === name);
    const known = choice?.window ?? null;
    return this.#withWindow(async () => {
      const found = known ?? (await askWindow(this.state, this.frames, name));
      this.chosen = { name, window: found };
      return { window: found };
    });
  }

  /** As the server chooses it: of a stack, each image its own. */
  async #ofTheFile() {
    if (!volumeOf(this.state)) {
      this.asks += 1;
      return this.app.store.set({ window: null, inverted: false });
    }
    return this.#withWindow(async () => {
      const window = this.#ownWindow() ?? (await askWindow(this.state, this.frames));
      this.chosen = { name: OF_THE_FILE, window };
      return { window, inverted: false };
    });
  }

  /** The server's choice for the volume, in the unit shown, as far as it is known. */
  #ownWindow() {
    const { state, own } = this;
    return own?.unit === state.unit ? own.window : knownWindow({ ...state, window: null });
  }

  /** What a number key chooses: 0 automatic, 8 that of the file, others by their names. @param {number} digit */
  number(digit) {
    if (digit === 0) return this.preset(AUTOMATIC);
    if (digit === 8) return this.preset(OF_THE_FILE);
    const choice = numberedChoice(this.state, digit);
    return choice ? this.preset(choice.name) : brief(this.app, TEXTS.ui.window.noPreset);
  }

  /** Which name the window has; null: none. @returns {string | null} */
  get windowName() {
    const { window } = this.state;
    if (!window) return OF_THE_FILE;
    if (this.chosen && areAlike(this.chosen.window, window)) return this.chosen.name;
    const own = volumeOf(this.state) && this.#ownWindow();
    if (own && areAlike(own, window)) return OF_THE_FILE;
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
    if (this.frames.length > 0) this.app.store.set({ frame: Math.min(this.frames.length - 1, Math.max(0, frame)) });
  }

  /** The first window of a volume is the server's choice, which its first picture has told. @param {ViewerState} state */
  #firstWindow({ window, unit, volume }) {
    if (this.isFresh && volume !== null && window) this.own = { unit, window };
    this.isFresh = false;
  }

  /** Another series: how many images it has, and a tool that it knows. */
  #opened() {
    const { series, volume, held, tool, window } = this.state;
    this.asks += 1;
    this.frames = [];
    this.own = null;
    this.chosen = null;
    this.isFresh = window === null;
    if (!series || volume !== null) return;
    if (VOLUMES_ONLY.includes(tool)) this.choose('window');
    if (!held?.Stacks.length) return;
    this.app.framesOf(series).then(
      (frames) => {
        if (this.state.series !== series || this.state.volume !== null) return;
        this.frames = held.Volumes.length > 0 ? frames.filter((frame) => frame.Stack !== null) : frames;
        this.onFrames();
      },
      (error) => this.app.say(error.message, 'problem'),
    );
  }

  /**
   * What to change by the window in use, which the server may have to be asked for. The last wish counts, and none of
   * another series.
   * @param {(window: WindowSetting) => Partial<ViewerState> | Promise<Partial<ViewerState>>} change
   */
  async #withWindow(change) {
    const mine = (this.asks += 1);
    try {
      const known = this.app.shownWindow() ?? knownWindow(this.state);
      const changed = known ? change(known) : change(await askWindow(this.state, this.frames));
      const patch = changed instanceof Promise ? await changed : changed;
      if (mine === this.asks) this.app.store.set(patch);
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
