/** The panes of the shown series: three planes and the body, or the stored frames one by one. */

import { readProgress } from '../net/progress.js';
import { volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { PLANES } from '../geometry/plane.js';
import { PlanePane } from './mpr.js';
import { StackPane } from './stack.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('./pane.js').PicturePane} PicturePane
 * @typedef {import('../net/pictures.js').Picture} Picture
 * @typedef {Pane & {show: () => void, end: () => void}} EndingPane
 */

const PROGRESS_AFTER_MS = 400;

export class Stage {
  /** @param {App} app @param {HTMLElement} place */
  constructor(app, place) {
    this.app = app;
    this.place = place;
    /** @type {EndingPane[]} */
    this.panes = [];
    /** @type {Set<() => void>} */
    this.listeners = new Set();
    /** @type {Set<Pane>} those whose numbers have been on the screen */
    this.complete = new Set();
    this.visit = 0;
    /** @type {(() => void) | null} */
    this.stopProgress = null;
    /** @type {HTMLElement | null} */
    this.grid = null;
    app.store.when(['maximised'], () => this.#arrange());
  }

  clear() {
    this.visit += 1;
    this.panes.forEach((pane) => pane.end());
    this.panes = [];
    this.complete.clear();
    this.stopProgress?.();
    this.place.replaceChildren();
    this.listeners.forEach((listener) => listener());
  }

  /** Show what the state has. */
  async open() {
    this.clear();
    const visit = this.visit;
    const state = this.app.store.get();
    const volume = volumeOf(state);
    if (volume) return this.#planes(volume);
    const { held } = state;
    if (!held) return undefined;
    const frames = await this.app.framesOf(held.Series);
    if (visit === this.visit) this.#stack(held, frames);
    return undefined;
  }

  /** @param {import('../types.js').Volume} volume */
  #planes(volume) {
    const panes = PLANES.map((name) => new PlanePane(this.app, name));
    this.#put(panes, 'planes');
    this.grid?.append(element('div', { class: 'room placeholder' }));
    this.#tellProgress(volume);
    panes.forEach((pane) => pane.show());
    this.app.framesOf(String(this.app.store.get().series)).catch(() => {}); // for measurements on stored slices
  }

  /** @param {Held} held @param {readonly import('../types.js').Frame[]} frames */
  #stack(held, frames) {
    const loose = held.Volumes.length > 0 ? frames.filter((frame) => frame.Stack !== null) : frames;
    if (loose.length === 0) {
      this.place.append(element('p', { class: 'reason' }, TEXTS.stage.nothing(reasonsOf(held))));
      return;
    }
    const pane = new StackPane(this.app, loose, frames.length);
    this.#put([pane], 'single');
    pane.show();
  }

  /** @param {EndingPane[]} panes @param {string} kind */
  #put(panes, kind) {
    this.panes = panes;
    this.grid = element('div', { class: `panes ${kind}` }, ...panes.map((pane) => pane.element));
    this.place.append(this.grid);
    this.#arrange();
    this.listeners.forEach((listener) => listener());
  }

  /** Whether the place of the body is still empty. */
  get hasRoom() {
    return Boolean(this.grid?.querySelector('.placeholder'));
  }

  /** The body comes last: its modules and voxels are not in the way of the planes. @param {number} visit */
  async #addVolume(visit) {
    this.grid?.querySelector('.placeholder')?.classList.remove('placeholder');
    const { VolumePane } = await import('../volume/pane.js');
    if (visit !== this.visit) return;
    const pane = new VolumePane(this.app);
    this.grid?.querySelector('.room')?.replaceWith(pane.element);
    this.panes = [...this.panes, pane];
    this.#arrange();
    this.listeners.forEach((listener) => listener());
    pane.show();
  }

  #arrange() {
    const { maximised } = this.app.store.get();
    const isThere = this.panes.some((pane) => pane.name === maximised);
    this.grid?.classList.toggle('maximised', isThere);
    for (const pane of this.panes) pane.element.hidden = isThere && pane.name !== maximised;
  }

  /** A picture is on the screen. @param {PicturePane} pane @param {Picture} picture */
  shown(pane, picture) {
    this.stopProgress?.();
    if (picture.values === null || this.complete.has(pane)) return;
    this.complete.add(pane);
    if (this.complete.size === this.panes.length && this.hasRoom) this.#addVolume(this.visit).catch(() => this.app.say(TEXTS.volume.unreadable, 'problem'));
  }

  /** How far the loading of a cold volume has come. @param {import('../types.js').Volume} volume */
  #tellProgress(volume) {
    const bar = element('progress', { max: '1', 'aria-label': TEXTS.stage.loading });
    const series = String(this.app.store.get().series);
    const aborter = new AbortController();
    const timer = setTimeout(async () => {
      this.place.append(bar);
      await readProgress(series, volume.Index, aborter.signal, (part) => (bar.value = part));
    }, PROGRESS_AFTER_MS);
    this.stopProgress = () => {
      clearTimeout(timer);
      aborter.abort();
      bar.remove();
    };
  }
}

/** Why a series has nothing to show, each reason once. @param {Held} held */
export function reasonsOf(held) {
  const all = [...held.Stacks, ...held.Others].map((part) => part.Details);
  return [...new Set(all)].join('. ');
}
