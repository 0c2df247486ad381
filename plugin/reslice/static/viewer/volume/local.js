/** The 3-D picture made here, by WebGL2. */

import { TEXTS } from '../texts.js';
import { loadGrids } from './grids.js';
import { automaticWindow, scaled } from './mapping.js';
import { isProjection, tableOfBody, tableOfProjection } from './looks.js';
import { contextOf, Raycaster } from './raycaster.js';
import { inUnit } from './window.js';

/**
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('./grids.js').Subject} Subject
 * @typedef {import('./grids.js').Grid} Grid
 * @typedef {import('./looks.js').Look} Look
 * @typedef {object} Scene all that decides what is to be seen
 * @property {import('./camera.js').Orbit} orbit
 * @property {import('../types.js').View} view
 * @property {import('../geometry/view.js').Size} size of the pane, CSS pixels
 * @property {number} scale CSS pixels a mm at zoom 1
 * @property {import('../types.js').Vec3} centre
 * @property {Look} look
 * @property {WindowSetting | null} window of projections; null: the automatic one
 * @property {boolean} inverted whether high values are dark
 * @property {number} factor of the shown unit: so many of it are one of the stored
 * @property {boolean} isMoving a quick picture will do
 * @typedef {object} Events
 * @property {() => void} changed there is something better to draw
 * @property {(part: number | null) => void} progress null: no more is coming
 * @property {(error: unknown) => void} failed
 * @property {() => void} lost the graphics processor is gone
 * @property {() => Promise<void>} rest
 * @typedef {object} Engine
 * @property {HTMLCanvasElement} canvas
 * @property {boolean} isLocal
 * @property {(subject: Subject) => void} open
 * @property {(scene: Scene) => boolean} draw whether there is a picture of this subject now
 * @property {() => string[]} notes
 * @property {() => void} end
 */

const THREE = '../vendor/three.min.js'; // when it is needed: planes come first
const QUICK_SIDE = 300;
const MOST_PIXELS = 2_200_000; // on one picture: a weak processor stays responsive
const PACE = 0.6;
const QUICK_PACE = 1.2;

/**
 * Null where WebGL2 isn't enough.
 * @param {HTMLCanvasElement} canvas @param {Events} events @param {boolean} mayBeSlow @returns {Promise<Engine | null>}
 */
export async function localEngine(canvas, events, mayBeSlow) {
  const context = contextOf(canvas, mayBeSlow);
  if (!context) return null;
  const three = /** @type {import('./raycaster.js').Three} */ (await import(THREE));
  return new LocalEngine(new Raycaster(three, canvas, context), events);
}

/** @implements {Engine} */
class LocalEngine {
  /** @param {Raycaster} raycaster @param {Events} events */
  constructor(raycaster, events) {
    this.isLocal = true;
    this.raycaster = raycaster;
    this.canvas = raycaster.canvas;
    this.events = events;
    /** @type {AbortController | null} */
    this.loading = null;
    /** @type {Subject | null} */
    this.subject = null;
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {WindowSetting | null} in the stored unit */
    this.automatic = null;
    this.tableKey = '';
    this.lost = () => this.events.lost();
    this.canvas.addEventListener('webglcontextlost', this.lost);
  }

  /** @param {Subject} subject */
  open(subject) {
    this.loading?.abort();
    const loading = new AbortController();
    this.loading = loading;
    this.subject = subject;
    this.grid = null;
    this.automatic = null;
    const { changed, failed, progress, rest } = this.events;
    const take = (/** @type {Grid} */ grid) => {
      this.grid = grid;
      this.automatic ??= automaticWindow(grid.bytes, grid.shape, grid.mapping, subject.volume);
      this.tableKey = '';
      this.raycaster.setGrid(grid);
      changed();
    };
    loadGrids(subject, { signal: loading.signal, grid: take, progress, rest }).then(
      () => progress(null),
      (error) => loading.signal.aborted || failed(error),
    );
  }

  /** @param {Scene} scene */
  draw(scene) {
    const { width, height } = scene.size;
    if (!this.grid || width === 0 || height === 0) return false;
    this.#colour(this.grid, scene);
    const full = Math.min(window.devicePixelRatio || 1, Math.sqrt(MOST_PIXELS / (width * height)));
    const ratio = scene.isMoving ? Math.min(full, QUICK_SIDE / Math.max(width, height)) : full;
    const pixels = /** @type {const} */ ([Math.max(1, Math.round(width * ratio)), Math.max(1, Math.round(height * ratio))]);
    this.raycaster.draw({
      orbit: scene.orbit,
      centre: scene.centre,
      middle: scene.view,
      pixels,
      pixel: width / pixels[0] / (scene.scale * scene.view.zoom),
      pace: scene.isMoving ? QUICK_PACE : PACE,
      ground: isProjection(scene.look) && scene.inverted ? 1 : 0,
    });
    return true;
  }

  /** The colours, when they have changed. @param {Grid} grid @param {Scene} scene */
  #colour(grid, scene) {
    const { look, factor, inverted } = scene;
    const window = scene.window ?? inUnit(/** @type {WindowSetting} */ (this.automatic), factor);
    const key = JSON.stringify(isProjection(look) ? [look.name, window, inverted, factor] : [look.name]);
    if (key === this.tableKey) return;
    this.tableKey = key;
    const table = isProjection(look)
      ? tableOfProjection({ ...window, invert: inverted }, scaled(grid.mapping, factor))
      : tableOfBody(look, grid.mapping, this.#range(grid));
    this.raycaster.setTable(look, table);
  }

  /** What relative colours are spread over, as the server does it: the volume's window. @param {Grid} grid @returns {readonly [number, number]} */
  #range({ mapping }) {
    const told = this.subject?.volume.Window;
    return told ? [told.Center - told.Width / 2, told.Center + told.Width / 2] : [mapping.low, mapping.high];
  }

  notes() {
    const factors = this.grid?.factors ?? [1, 1, 1];
    return factors.some((factor) => factor > 1) ? [TEXTS.volume.averaged(factors.join(' × '))] : [];
  }

  end() {
    this.loading?.abort();
    this.canvas.removeEventListener('webglcontextlost', this.lost);
    this.raycaster.end();
  }
}
