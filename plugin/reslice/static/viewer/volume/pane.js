/** The 3-D pane: the volume from outside, turned by hand. */

import { centreOf } from '../geometry/plane.js';
import { moved, zoomed } from '../geometry/view.js';
import { listen } from '../panes/gestures.js';
import { FRONT, volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { scaleOf, SIDES, turned } from './camera.js';
import { lookInWords, newCanvas, sideInWords, VolumeFrame } from './frame.js';
import { handlersOf, pressed } from './hands.js';
import { localEngine } from './local.js';
import { isProjection, looksOf } from './looks.js';
import { RemoteEngine } from './remote.js';
import { WEBGL } from './webgl.js';
import { factorOf, shownWindow } from './window.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./local.js').Engine} Engine
 * @typedef {import('./grids.js').Subject} Subject
 */

const CALM_MS = 180;
const REST_MS = 300;

/** @implements {Pane} */
export class VolumePane {
  /** @param {App} app */
  constructor(app) {
    /** @type {'volume'} */
    this.name = 'volume';
    this.app = app;
    this.frame = new VolumeFrame();
    this.element = this.frame.element;
    this.surface = this.frame.surface;
    this.overlay = this.frame.overlay;
    /** @type {readonly import('./looks.js').Look[]} */
    this.looks = [];
    /** @type {Subject | null} */
    this.subject = null;
    /** @type {Engine | null} */
    this.engine = null;
    this.isHeld = false;
    this.isShown = false;
    this.hasEnded = false;
    this.calming = 0;
    this.drawing = 0;
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    this.endings = this.#listen();
    /** @type {Promise<void> | null} */
    this.starting = null;
  }

  #listen() {
    const { store } = this.app;
    const ended = new AbortController();
    const { signal } = ended;
    const resized = new ResizeObserver(() => this.#move());
    resized.observe(this.surface);
    this.surface.addEventListener('keydown', (event) => this.#key(event), { signal });
    this.surface.addEventListener('focus', () => store.set({ focus: this.name }), { signal });
    this.frame.select.addEventListener('change', () => this.#choose(this.frame.select.value), { signal });
    for (const button of this.frame.sides) button.addEventListener('click', () => this.look && this.turnTo(button.value), { signal });
    return [
      () => ended.abort(),
      () => resized.disconnect(),
      listen(this.surface, handlersOf(this)),
      store.when(['series', 'volume'], () => this.#changed()),
      store.when(['unit', 'window', 'inverted'], () => this.look && isProjection(this.look) && this.#move()),
      store.when(['camera', 'look'], () => this.#move()),
    ];
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (!pressed(this, event)) return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Another series: what was shown is gone at once. */
  #changed() {
    this.subject = null;
    this.isShown = false;
    this.engine?.canvas.remove();
    this.frame.tellRefusal('');
    this.frame.tellLines([TEXTS.panes.volume], [], TEXTS.panes.volume);
    this.#told();
    this.show();
  }

  /** Load and show what the state has. */
  show() {
    const state = this.app.store.get();
    const volume = volumeOf(state);
    if (!state.series || !state.held || !volume) return;
    const isSame = this.subject?.series === state.series && this.subject.volume === volume;
    if (isSame || this.hasEnded) return;
    this.subject = { series: state.series, volume, modality: state.held.Modality };
    this.looks = looksOf(state.held.Modality, volume);
    this.#choose(state.look ?? '');
    if (this.look) this.frame.tellLook(this.looks, this.look);
    this.frame.tellProgress(0);
    this.starting = this.#open(this.subject);
  }

  /** @param {Subject} subject */
  async #open(subject) {
    await this.starting; // one engine is made, once
    this.engine ??= await this.#begin();
    if (this.hasEnded) this.engine.end();
    if (this.hasEnded || this.subject !== subject) return;
    this.frame.putCanvas(this.engine.canvas);
    this.engine.open(subject);
  }

  /** @returns {Promise<Engine>} */
  async #begin() {
    const events = this.#events();
    const local = WEBGL === 'off' ? null : await localEngine(newCanvas(), events, WEBGL === 'on').catch(() => null);
    return local ?? new RemoteEngine(newCanvas(), events);
  }

  /** @returns {import('./local.js').Events} */
  #events() {
    return {
      changed: () => this.#draw(),
      progress: (part) => this.frame.tellProgress(part),
      failed: (error) => this.#failed(error),
      lost: () => this.#lost(),
      rest: () => this.#rest(),
    };
  }

  /** The graphics processor has gone: the server takes over. */
  #lost() {
    if (this.hasEnded) return;
    this.engine?.end();
    this.engine = new RemoteEngine(newCanvas(), this.#events());
    this.frame.putCanvas(this.engine.canvas);
    if (this.subject) this.engine.open(this.subject);
  }

  /** @param {unknown} error */
  #failed(error) {
    this.frame.tellProgress(null);
    const text = error instanceof Error ? error.message : TEXTS.volume.unreadable;
    if (!this.isShown) this.frame.tellRefusal(text);
    else this.app.say(`${TEXTS.volume.coarse}: ${text}`, 'problem');
  }

  /** Resolves when nobody is turning, and the browser has nothing better to do. @returns {Promise<void>} */
  async #rest() {
    const pause = () => new Promise((resolve) => { setTimeout(resolve, REST_MS); });
    do await pause(); while ((this.isHeld || this.drawing !== 0) && !this.hasEnded);
    if ('requestIdleCallback' in window) await new Promise((resolve) => { window.requestIdleCallback(resolve, { timeout: 2000 }); });
  }

  /** How the body looks; null: it isn't known yet what there is. @returns {import('./looks.js').Look | null} */
  get look() {
    if (!this.subject) return null;
    const { look } = this.app.store.get();
    return this.looks.find(({ name }) => name === look) ?? this.looks[0];
  }

  /** @returns {import('../types.js').Camera} */
  get camera() {
    return this.app.store.get().camera;
  }

  /** The first, and what there isn't, have no name in the state. @param {string} name */
  #choose(name) {
    const isOther = this.looks.slice(1).some((look) => look.name === name);
    this.app.store.set({ look: isOther ? name : null });
  }

  /** @param {Partial<import('../types.js').Camera>} part */
  #aim(part) {
    this.app.store.set({ camera: { ...this.camera, ...part } });
  }

  /** @param {string} side */
  turnTo(side) {
    this.#aim(SIDES[side]);
  }

  /** @param {number} toRight @param {number} downwards */
  turn(toRight, downwards) {
    this.#aim(turned(this.camera, toRight, downwards));
  }

  /** @param {Vec2} at @param {number} factor */
  zoom(at, factor) {
    this.#aim(zoomed(this.camera, this.#scale(), this.frame.size, at, factor));
  }

  /** @param {Vec2} by */
  pan(by) {
    this.#aim(moved(this.camera, this.#scale(), by));
  }

  /** Seen from the front, all in view. */
  reset() {
    this.app.store.set({ camera: FRONT });
  }

  /** @param {boolean} isHeld */
  hold(isHeld) {
    if (this.isHeld === isHeld) return;
    this.isHeld = isHeld;
    if (!isHeld && this.calming !== 0) this.#move();
  }

  maximise() {
    const { store } = this.app;
    store.set({ maximised: store.get().maximised === this.name ? null : this.name });
  }

  /** @returns {Vec2} */
  middle() {
    return [this.frame.size.width / 2, this.frame.size.height / 2];
  }

  #scale() {
    return this.subject ? scaleOf(this.subject.volume, this.frame.size) : 1;
  }

  /** Something has changed: a quick picture now, a fine one when it is calm again. */
  #move() {
    clearTimeout(this.calming);
    if (this.hasEnded || !this.subject) return;
    this.calming = window.setTimeout(() => this.#calm(), CALM_MS);
    this.#draw();
  }

  #calm() {
    if (this.isHeld) return;
    this.calming = 0;
    this.#draw();
  }

  /** Once with the browser's next frame. */
  #draw() {
    if (this.drawing !== 0 || this.hasEnded) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = 0;
      this.#drawNow(this.calming !== 0);
    });
  }

  /** @param {boolean} isMoving */
  #drawNow(isMoving) {
    const { engine, subject, look, frame } = this;
    if (!engine || !subject || !look || this.hasEnded) return;
    const state = this.app.store.get();
    const factor = factorOf(subject.volume, state.unit);
    const setting = shownWindow(state, this.app.usualWindow(), subject.volume);
    const inverted = look.inverted || state.inverted;
    const place = { orbit: this.camera, view: this.camera, size: frame.size, scale: this.#scale(), centre: centreOf(subject.volume) };
    this.isShown = engine.draw({ ...place, look, window: setting, inverted, factor, isMoving });
    if (this.isShown) frame.tellRefusal('');
    frame.tellLook(this.looks, look);
    frame.tellOrbit(this.camera);
    const notes = [...engine.notes(), ...(factor !== 1 && isProjection(look) ? [TEXTS.panes.suv] : [])];
    frame.tellLines([TEXTS.panes.volume], notes, this.describe().join(', '));
    this.element.classList.toggle('bright', isProjection(look) && inverted);
    this.#told();
  }

  #told() {
    this.listeners.forEach((listener) => listener());
  }

  /** @returns {null} what is seen lies at no one depth */
  placement() {
    return null;
  }

  /** @param {() => void} listener */
  onChange(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** A copy of the fine picture. */
  snapshot() {
    if (!this.isShown || !this.engine) return null;
    if (this.engine.isLocal) this.#drawNow(false); // the browser doesn't keep what WebGL has drawn
    const { canvas } = this.engine;
    const copy = newCanvas();
    [copy.width, copy.height] = [canvas.width, canvas.height];
    copy.getContext('2d')?.drawImage(canvas, 0, 0);
    return copy;
  }

  /** @returns {string[]} */
  describe() {
    if (!this.look || !this.engine) return [TEXTS.panes.volume];
    return [`${TEXTS.panes.volume} ${lookInWords(this.look.name)}`, sideInWords(this.camera), ...this.engine.notes()];
  }

  /** Nothing is loaded or held any more. */
  end() {
    if (this.hasEnded) return;
    this.hasEnded = true;
    clearTimeout(this.calming);
    cancelAnimationFrame(this.drawing);
    this.endings.forEach((ending) => ending());
    this.listeners.clear();
    this.engine?.end();
    this.element.remove();
  }
}
