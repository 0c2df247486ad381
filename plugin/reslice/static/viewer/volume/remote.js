/** The 3-D picture made by the server, where this machine can't. */

import { addressOf, ask } from '../net/server.js';
import { dot, subtract } from '../geometry/vectors.js';
import { TEXTS } from '../texts.js';
import { sightOf, viewpointOf } from './camera.js';
import { coarsestGrid } from './grids.js';
import { isProjection } from './looks.js';
import { automaticWindow } from './mapping.js';
import { inUnit } from './window.js';

/**
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('./grids.js').Subject} Subject
 * @typedef {import('./local.js').Scene} Scene
 * @typedef {import('./local.js').Engine} Engine
 * @typedef {import('./local.js').Events} Events
 * @typedef {object} Picture
 * @property {ImageBitmap} image
 * @property {{u: number, v: number, width: number, height: number}} place its outer edges, mm from the volume's middle along rows and columns
 * @property {boolean} isInverted by the server
 * @property {boolean} isProjection
 */

const PROJECTED = { renderingmethod: 'maximum_ip' };
const CONTRARY = { invert: 'true' };
const QUICK_SIDE = 256;
const QUICK_QUALITY = '60';
const FULL_QUALITY = '92';
const LONGEST_SIDE = 1400;
const WHITE = '#fff';
const BLACK = '#000';

/** @implements {Engine} */
export class RemoteEngine {
  /** @param {HTMLCanvasElement} canvas @param {Events} events */
  constructor(canvas, events) {
    this.isLocal = false;
    this.canvas = canvas;
    this.events = events;
    /** @type {Subject | null} */
    this.subject = null;
    /** @type {Picture | null} */
    this.picture = null;
    /** @type {WindowSetting | null} in the stored unit */
    this.automatic = null;
    this.isContrary = false; // the images ask for inversion themselves, which no projection follows
    /** @type {AbortController | null} the automatic window is being found */
    this.finding = null;
    /** @type {{key: string, query: Record<string, string>, scene: Scene} | null} what is to come next */
    this.wanted = null;
    /** @type {AbortController | null} */
    this.running = null;
    this.isRunningQuick = false;
    this.had = ''; // what has come last, or is coming
  }

  /** @param {Subject} subject */
  open(subject) {
    this.#stop();
    this.subject = subject;
    this.events.changed();
  }

  #stop() {
    this.running?.abort();
    this.finding?.abort();
    [this.running, this.finding, this.wanted] = [null, null, null];
    this.picture?.image.close();
    this.picture = null;
    this.automatic = null;
    this.isContrary = false;
    this.had = '';
  }

  /** The picture that is there, where it belongs; a new one is asked for when it is another. @param {Scene} scene */
  draw(scene) {
    if (!this.subject || scene.size.width === 0) return false;
    if (isProjection(scene.look) && !scene.window && !this.automatic) this.#findWindow(this.subject);
    else this.#want(this.subject, scene);
    return this.#paint(scene);
  }

  /**
   * The window of projections that nobody has chosen one for, as where WebGL renders: the server's own is made of one
   * picture, with the air around and from another side another. Pictures come when it is known.
   * @param {Subject} subject
   */
  async #findWindow(subject) {
    if (this.finding) return;
    const finding = new AbortController();
    this.finding = finding;
    try {
      const { bytes, shape, mapping } = await coarsestGrid(subject, finding.signal);
      if (finding.signal.aborted) return;
      this.automatic = automaticWindow(bytes, shape, mapping, subject.volume);
      this.events.changed();
    } catch (error) {
      if (!finding.signal.aborted) this.events.failed(error);
    }
    if (this.finding === finding) this.finding = null;
  }

  /** @param {Subject} subject @param {Scene} scene */
  #want(subject, scene) {
    const query = this.#query(subject, scene);
    const key = addressOf('', query);
    if (key !== this.had) {
      this.wanted = { key, query, scene };
      if (this.running && !this.isRunningQuick) this.running.abort();
      if (!this.running) this.#next();
    }
  }

  /** @param {Subject} subject @param {Scene} scene @returns {Record<string, string>} */
  #query({ volume }, scene) {
    const { look, window, factor } = scene;
    /** @type {Record<string, string>} */
    const shaded = { preset: String(look.preset) };
    const chosen = window ?? (this.automatic && inUnit(this.automatic, factor));
    const shown = isProjection(look) ? { ...PROJECTED, ...(this.isContrary ? CONTRARY : {}), ...unitQuery(factor), ...windowQuery(chosen) } : shaded;
    const size = sizeOf(scene);
    const quality = scene.isMoving ? QUICK_QUALITY : FULL_QUALITY;
    return { volume: String(volume.Index), ...viewpointOf(volume, scene.orbit), ...shown, viewport: size.join(), format: 'jpeg', quality };
  }

  /** One request at a time: the latest that was wanted. */
  async #next() {
    const { subject, wanted } = this;
    if (!subject || !wanted) return;
    const running = new AbortController();
    [this.wanted, this.running, this.isRunningQuick, this.had] = [null, running, wanted.scene.isMoving, wanted.key];
    const path = `series/${encodeURIComponent(subject.series)}/rendered3d`;
    try {
      const answer = await ask(path, wanted.query, { signal: running.signal });
      const picture = await pictureOf(answer, subject, wanted.scene);
      if (running.signal.aborted) picture.image.close();
      else this.#take(picture);
    } catch (error) {
      if (!running.signal.aborted) this.events.failed(error);
    }
    if (this.running === running) {
      this.running = null;
      this.#next();
    }
  }

  /** @param {Picture} picture */
  #take(picture) {
    this.picture?.image.close();
    this.picture = picture;
    if (picture.isInverted) this.isContrary = true; // asked for anew: what is beside the volume is black only where it isn't inverted here
    this.events.progress(null);
    this.events.changed();
  }

  /** @param {Scene} scene */
  #paint(scene) {
    const { canvas, picture } = this;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(scene.size.width * ratio);
    canvas.height = Math.round(scene.size.height * ratio);
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    context.fillStyle = BLACK;
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (!picture) return false;
    const s = scene.scale * scene.view.zoom * ratio;
    const { u, v, width, height } = picture.place;
    const [x, y] = [canvas.width / 2 + (u - scene.view.u) * s, canvas.height / 2 + (v - scene.view.v) * s];
    context.imageSmoothingQuality = 'high';
    context.drawImage(picture.image, x, y, width * s, height * s);
    if (picture.isProjection && isProjection(scene.look) && scene.inverted !== picture.isInverted) invert(context);
    return true;
  }

  notes() {
    return [TEXTS.volume.byServer];
  }

  end() {
    this.#stop();
    this.subject = null;
  }
}

/** @param {CanvasRenderingContext2D} context */
function invert(context) {
  context.globalCompositeOperation = 'difference';
  context.fillStyle = WHITE;
  context.fillRect(0, 0, context.canvas.width, context.canvas.height);
  context.globalCompositeOperation = 'source-over';
}

/** @param {number} factor @returns {Record<string, string>} */
function unitQuery(factor) {
  return factor === 1 ? {} : { unit: 'suv' };
}

/** @param {WindowSetting | null} window @returns {Record<string, string>} */
function windowQuery(window) {
  if (!window) return {};
  const name = window.function.toLowerCase().replace('_', '-');
  return { window: [window.center, window.width, name].join() };
}

/** Pixels of the picture that is asked for: more where it is looked at closely. @param {Scene} scene */
function sizeOf({ size, view, isMoving }) {
  const longest = Math.max(size.width, size.height);
  const full = Math.min((window.devicePixelRatio || 1) * Math.max(1, view.zoom), LONGEST_SIDE / longest);
  const ratio = isMoving ? Math.min(full, QUICK_SIDE / longest) : full;
  return [Math.max(1, Math.round(size.width * ratio)), Math.max(1, Math.round(size.height * ratio))];
}

/** @param {Response} answer @param {Subject} subject @param {Scene} scene @returns {Promise<Picture>} */
async function pictureOf(answer, subject, scene) {
  const plane = JSON.parse(answer.headers.get('Reslice-Plane') ?? 'null');
  const told = JSON.parse(answer.headers.get('Reslice-Window') ?? 'null');
  const { right, down } = sightOf(scene.orbit);
  const from = subtract(plane.Position, scene.centre);
  const [between, along] = plane.Spacing;
  const place = {
    u: dot(from, right) - along / 2,
    v: dot(from, down) - between / 2,
    width: along * plane.Size[1],
    height: between * plane.Size[0],
  };
  const image = await createImageBitmap(await answer.blob());
  return { image, place, isInverted: told?.Invert ?? false, isProjection: isProjection(scene.look) };
}
