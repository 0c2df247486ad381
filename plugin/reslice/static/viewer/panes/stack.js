/** A pane with stored frames: radiographs, ultrasound, colour, whatever forms no volume. */

import { placeOf } from '../geometry/plane.js';
import { cross } from '../geometry/vectors.js';
import { windowQuery } from '../net/pictures.js';
import { TEXTS } from '../texts.js';
import { PicturePane } from './pane.js';
import { number, pointInWords, valueInWords, windowInWords } from './told.js';

/**
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../net/pictures.js').Picture} Picture
 * @typedef {import('../net/loader.js').Wanted} Wanted
 * @typedef {import('../geometry/plane.js').PlacedPlane} PlacedPlane
 */

/** Units of the grid: a frame is so many wide, whatever its pixels, so that a preview lies where its numbers will. */
const WIDE = 1000;
const PREVIEW = { format: 'jpeg', quality: 75, width: 640, height: 640 };
const BYTES_AT_FIRST = 1 << 20;
const AHEAD = 4;
const UNPAIRED = 'U';
const RETRY_MS = 4000;

export class StackPane extends PicturePane {
  /** @param {import('../types.js').App} app @param {readonly Frame[]} frames those that can be scrolled through @param {number} whole all of the series */
  constructor(app, frames, whole) {
    super(app, 'stack');
    this.frames = frames;
    this.whole = whole;
    this.heading = 1;
    this.bytes = BYTES_AT_FIRST; // of the numbers of the last image
    /** @type {Frame | null} the one that the picture is of */
    this.shownFrame = null;
    /** @type {Frame} */
    this.asked = frames[0];
    this.retry = 0;
  }

  /** @returns {readonly (keyof ViewerState)[]} */
  get asksFor() {
    return ['frame', 'unit'];
  }

  /** @param {ViewerState} state @returns {Wanted} */
  wanted(state) {
    const before = this.asked.Index;
    this.asked = this.frames[this.step().index];
    if (this.asked.Index !== before) this.heading = Math.sign(this.asked.Index - before);
    const numbers = this.#address(this.asked, state);
    /** @type {import('../net/pictures.js').Address} */
    const small = [numbers[0], { ...PREVIEW, ...this.#previewWindow(state) }];
    const preview = this.hasTable ? null : small;
    return { numbers, preview, bytes: this.bytes, next: this.#next(state) };
  }

  /** @param {Frame} frame @param {ViewerState} state @returns {import('../net/pictures.js').Address} */
  #address(frame, state) {
    /** @type {Record<string, string>} */
    const unit = state.unit === 'suv' ? { unit: 'suv' } : {};
    return [frame.Url.replace(/^\//, ''), { format: 'raw', ...unit }];
  }

  /** @param {ViewerState} state @returns {Record<string, number | string>} */
  #previewWindow(state) {
    /** @type {Record<string, string>} */
    const suv = state.unit === 'suv' ? { unit: 'suv' } : {};
    return this.isColour ? suv : { ...suv, ...windowQuery(state) };
  }

  /** @param {ViewerState} state */
  #next(state) {
    const { index, count } = this.step();
    const next = [...Array(AHEAD).keys()].map((k) => (index + this.heading * (k + 1) + count) % count);
    return next.map((k) => this.#address(this.frames[k], state));
  }

  get isColour() {
    const { values = null, window = null } = this.picture ?? {};
    return this.picture !== null && (values ? values instanceof Uint8Array : window === null);
  }

  /** @param {Picture} picture */
  received(picture) {
    const shown = this.frames.find((frame) => picture.key.includes(`${frame.Url}?`));
    if (shown) this.shownFrame = shown;
    if (picture.values) this.bytes = picture.bytes;
    this.app.shown(this, picture);
    if (shown && picture.plane.Count === this.whole && isOf(picture, shown)) return;
    this.picture = null; // its number is another image's by now
    this.app.refresh({ isKnown: true }).catch((error) => this.refuse(error));
    clearTimeout(this.retry);
    this.retry = window.setTimeout(() => this.show(), RETRY_MS); // where it was shown anew only just now, and has changed again
  }

  end() {
    clearTimeout(this.retry);
    super.end();
  }

  /** Height of a pixel by its width; previews have square ones. @param {Picture} picture */
  #aspect(picture) {
    return picture.raw?.PixelAspect ?? 1;
  }

  /** @param {Picture} picture */
  gridOf(picture) {
    const [rows, columns] = picture.plane.Size;
    const du = WIDE / columns;
    const dv = du * this.#aspect(picture);
    return { u: -((columns - 1) / 2) * du, v: -((rows - 1) / 2) * dv, du, dv };
  }

  /** @param {Picture} picture */
  extentOf(picture) {
    const [rows, columns] = picture.plane.Size;
    return { width: WIDE, height: (rows / columns) * this.#aspect(picture) * WIDE };
  }

  lettersOf() {
    return this.shownFrame?.Labels ?? null;
  }

  /** @param {Picture} picture */
  millimetres(picture) {
    const spacing = picture.plane.Calibration?.Spacing;
    const columns = picture.plane.Size[1];
    return spacing && picture.values ? (spacing[1] * columns) / WIDE : null;
  }

  step() {
    const { frame } = this.app.store.get();
    const count = this.frames?.length ?? 1;
    return { index: Math.min(count - 1, Math.max(0, frame)), count };
  }

  /** @param {number} index */
  goToStep(index) {
    this.app.store.set({ frame: index });
  }

  /** @param {Picture} picture */
  corners(picture) {
    const index = this.shownFrame ? this.frames.indexOf(this.shownFrame) : 0;
    const rate = this.app.store.get().playing ? [TEXTS.panes.playing] : [];
    return {
      'top-left': this.#sides(),
      'top-right': [...this.notes(picture), ...(picture.values ? [] : [TEXTS.panes.preview])],
      'bottom-left': [TEXTS.panes.image(index + 1, this.frames.length), ...rate, ...this.#cursorInWords()],
      'bottom-right': [this.isColour ? TEXTS.panes.colour : windowInWords(picture, this.window(), this.inverted), ...calibrationInWords(picture)],
    };
  }

  /** Which side and view it is; never guessed. */
  #sides() {
    const { Laterality, ViewPosition, Labels } = this.shownFrame ?? {};
    const sides = [Laterality === UNPAIRED ? null : Laterality, ViewPosition].filter((part) => Boolean(part)).join(' ');
    return [sides || this.title, ...(Labels ? [] : [TEXTS.panes.orientationUnknown])];
  }

  #cursorInWords() {
    const pixel = this.cursor && this.pixelAt(this.cursor);
    if (!pixel || !this.cursor || !this.picture?.values) return [];
    const [row, column] = pixel.map(Math.round);
    const value = this.isColour ? [] : [valueInWords(this.valueAt(this.cursor), this.picture.raw?.Unit ?? '1')];
    const point = this.#pointOf(pixel);
    return [[...value, point ? pointInWords(point) : `${number(column)}, ${number(row)}`].join(' · ')];
  }

  /** LPS of a pixel, where the image tells. @param {Vec2} pixel row, column */
  #pointOf([row, column]) {
    const plane = this.picture?.plane;
    if (!plane?.Position || !plane.Row || !plane.Column || !plane.Spacing) return null;
    const { Position: p, Row: r, Column: c, Spacing: s } = plane;
    return [0, 1, 2].map((k) => p[k] + row * s[0] * c[k] + column * s[1] * r[k]);
  }

  /** Of the numbers only: a preview's pixels aren't the stored ones. @returns {Placement | null} */
  placement() {
    const { picture } = this;
    const frame = this.shownFrame;
    if (!picture?.values || !frame) return null;
    const { u, v, du, dv } = this.gridOf(picture);
    const { plane } = picture;
    const isPlaced = plane.Position && plane.Row && plane.Column && plane.Spacing;
    const directions = plane.Row && plane.Column ? { row: plane.Row, column: plane.Column, normal: cross(plane.Row, plane.Column) } : null;
    return {
      space: 'pixel',
      toScreen: (point) => this.screenOf([u + point[0] * du, v + point[1] * dv]),
      fromScreen: (at) => {
        const [row, column] = /** @type {Vec2} */ (this.pixelAt(at));
        return [column, row];
      },
      behind: (point) =>
        isPlaced && point.length === 3 ? placeOf(/** @type {PlacedPlane} */ (plane), /** @type {Vec3} */ (/** @type {unknown} */ (point))).behind : 0,
      tolerance: (plane.Thickness ?? 1) / 2,
      plane,
      directions,
      target: { Image: { Instance: frame.Instance, Frame: frame.Frame } },
      pixel: this.scale * this.view.zoom * du,
      valueAt: (at) => this.valueAt(at),
      unit: picture.raw?.Unit ?? '1',
    };
  }
}

/** Whether a picture is of a frame that was listed. @param {Picture} picture @param {Frame} frame */
function isOf({ plane }, frame) {
  return plane.Instance === frame.Instance && plane.Frame === frame.Frame;
}

/** How the size of a pixel is known, where it isn't by the patient's own millimetres. @param {Picture} picture */
function calibrationInWords(picture) {
  const { Calibration: known } = picture.plane;
  return known?.Spacing && known.Source !== 'patient-geometry' ? [TEXTS.panes.calibration(known.Source)] : [];
}
