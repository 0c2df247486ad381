/** Images or planes one after the other, never faster than they come. */

import { atStep, placeAmongSteps, positionOf, volumeOf } from '../state/view.js';
import { axisOf } from '../geometry/steps.js';
import { dot } from '../geometry/vectors.js';
import { TEXTS } from '../texts.js';
import { brief } from './parts.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {{index: number, direction: 1 | -1}} Step
 * @typedef {'loop' | 'swing'} Way
 */

export const LEAST_RATE = 1;
export const MOST_RATE = 60;
const SECOND = 1000;
const LONGEST_WAIT = 20 * SECOND;
const MEASURED_OVER = 2 * SECOND;
const EARLY = 2; // a display's frames come a little before or after their time
const OFF_A_STEP = 0.25;

/**
 * What comes after a place among so many.
 * @param {Step} at @param {number} count at least 2 @param {Way} way @returns {Step}
 */
export function nextStep({ index, direction }, count, way) {
  if (way === 'loop') return { index: (index + 1) % count, direction: 1 };
  const turned = index + direction < 0 || index + direction >= count ? /** @type {1 | -1} */ (-direction) : direction;
  return { index: index + turned, direction: turned };
}

/**
 * Pictures a second, from the moments (ms) when they were shown; 0 while nobody can tell.
 * @param {readonly number[]} moments
 */
export function rateOf(moments) {
  const span = moments.length > 1 ? moments[moments.length - 1] - moments[0] : 0;
  return span > 0 ? ((moments.length - 1) * SECOND) / span : 0;
}

/** What can be played: the images of a stack or the planes of the focused pane; null: nothing. @param {ViewerState} state @param {number} frames */
export function placeOf(state, frames) {
  if (!volumeOf(state)) return state.held && frames > 1 ? { index: Math.min(state.frame, frames - 1), count: frames } : null;
  if (state.focus === 'volume' || state.focus === 'stack') return null;
  const { steps, index } = placeAmongSteps(state, state.focus);
  return steps.count > 1 ? { index, count: steps.count } : null;
}

/** Whether a pane shows what the state says. @param {Pane} pane @param {ViewerState} state @param {readonly Frame[]} frames of a stack */
export function isShown(pane, state, frames) {
  const { plane, target } = pane.placement() ?? {};
  if (!plane || !target) return false;
  const wanted = frames[Math.min(state.frame, frames.length - 1)];
  if (state.volume === null) return 'Image' in target && target.Image.Instance === wanted?.Instance && target.Image.Frame === wanted.Frame;
  if (!plane.Position || pane.name === 'volume' || pane.name === 'stack') return false;
  const { steps } = placeAmongSteps(state, pane.name);
  const axis = axisOf(pane.name, state.axes);
  return Math.abs(dot(plane.Position, axis) - positionOf(state, pane.name)) < OFF_A_STEP * steps.step;
}

/** Plays while `state.playing` says so. */
export class Cine {
  /** @param {App} app @param {() => readonly Frame[]} frames those of a stack */
  constructor(app, frames) {
    this.app = app;
    this.frames = frames;
    /** @type {Way} */
    this.way = 'loop';
    /** @type {1 | -1} */
    this.direction = 1;
    /** @type {number[]} */
    this.moments = [];
    this.due = 0;
    this.asked = 0;
    this.isWaiting = false;
    /** @type {(rate: number) => void} pictures a second; 0: it stands */
    this.onRate = () => {};
    /** @type {() => void} */
    this.unlisten = () => {};
    app.store.when(['playing'], (now) => (now.playing ? this.#begin() : this.#end()));
    app.store.when(['focus'], (now) => now.playing && this.#listen());
  }

  /** Whether there is something to play. */
  get isPossible() {
    return placeOf(this.app.store.get(), this.frames().length) !== null;
  }

  /** Start, or stop. */
  toggle() {
    const { playing } = this.app.store.get();
    if (playing || this.isPossible) this.app.store.set({ playing: !playing });
    else brief(this.app, TEXTS.ui.cine.nothing);
  }

  #begin() {
    this.moments = [];
    this.due = performance.now();
    this.isWaiting = false;
    this.#listen();
    requestAnimationFrame((now) => this.#tick(now));
  }

  #end() {
    this.unlisten();
    this.unlisten = () => {};
    this.onRate(0);
  }

  #listen() {
    this.unlisten();
    this.unlisten = this.#pane()?.onChange(() => this.#shown()) ?? (() => {});
  }

  #pane() {
    const state = this.app.store.get();
    const name = state.volume === null ? 'stack' : state.focus;
    return this.app.panes().find((pane) => pane.name === name) ?? null;
  }

  #shown() {
    const pane = this.#pane();
    if (!this.isWaiting || !pane || !isShown(pane, this.app.store.get(), this.frames())) return;
    this.isWaiting = false;
    const now = performance.now();
    this.moments = [...this.moments, now].filter((moment) => now - moment <= MEASURED_OVER);
    this.onRate(rateOf(this.moments));
  }

  /** @param {number} now */
  #tick(now) {
    if (!this.app.store.get().playing) return;
    if (this.isWaiting && now - this.asked > LONGEST_WAIT) return this.#giveUp(TEXTS.ui.cine.late);
    if (!this.isWaiting && now >= this.due - EARLY) this.#step(now);
    requestAnimationFrame((next) => this.#tick(next));
  }

  /** @param {number} now */
  #step(now) {
    const state = this.app.store.get();
    const place = placeOf(state, this.frames().length);
    if (!place) return this.#giveUp(TEXTS.ui.cine.nothing);
    const { index, direction } = nextStep({ index: place.index, direction: this.direction }, place.count, this.way);
    this.direction = direction;
    const pause = SECOND / state.rate;
    this.due = (now - this.due < pause ? this.due : now) + pause; // what came late is not made up for
    this.asked = now;
    this.isWaiting = true;
    this.app.store.set(state.volume === null ? { frame: index } : atStep(state, /** @type {PlaneName} */ (state.focus), index));
  }

  /** @param {string} why */
  #giveUp(why) {
    this.app.store.set({ playing: false });
    this.app.say(why);
  }
}
