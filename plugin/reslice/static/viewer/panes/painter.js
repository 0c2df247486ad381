/** A picture on a canvas: its values through the window, once for each change of either, then drawn as the view wants it. */

import { OPAQUE, paintColour, paintFloat, paintWhole, tableOf } from '../geometry/voi.js';

/**
 * @typedef {import('../net/pictures.js').Picture} Picture
 * @typedef {import('../types.js').GreyWindow} GreyWindow
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {{x: number, y: number, width: number, height: number}} Box
 */

/** Above so many screen pixels a picture's pixel, pixels are seen as squares. */
const SQUARES_FROM = 6;

export class Painter {
  /** @param {HTMLCanvasElement} canvas */
  constructor(canvas) {
    this.canvas = canvas;
    this.pane = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d', { alpha: false }));
    this.source = document.createElement('canvas');
    this.context = /** @type {CanvasRenderingContext2D} */ (this.source.getContext('2d', { alpha: false }));
    /** @type {ImageData | null} */
    this.data = null;
    /** @type {Uint32Array | null} */
    this.table = null;
    this.tableOf = '';
  }

  /** Make the pixels. @param {Picture} picture @param {WindowSetting | null} window @param {boolean} inverted */
  paint(picture, window, inverted) {
    const { plane } = picture;
    const image = imageOf(picture, window, inverted);
    const [rows, columns] = image ? [image.height, image.width] : plane.Size;
    if (this.source.width !== columns || this.source.height !== rows) {
      this.source.width = columns;
      this.source.height = rows;
      this.data = null;
    }
    if (image) return this.context.drawImage(image, 0, 0);
    this.data ??= this.context.createImageData(columns, rows);
    this.#pixels(picture, window && throughWhich(picture, window, inverted), new Uint32Array(this.data.data.buffer));
    return this.context.putImageData(this.data, 0, 0);
  }

  /** @param {Picture} picture @param {GreyWindow | null} window @param {Uint32Array} pixels */
  #pixels(picture, window, pixels) {
    const { values, raw } = picture;
    if (values instanceof Uint8Array) paintColour(values, pixels);
    else if (window && values instanceof Float32Array) paintFloat(values, window, raw?.Padding ?? null, pixels);
    else if (window && values instanceof Int16Array) paintWhole(values, this.#table(picture, window), pixels);
    else pixels.fill(OPAQUE);
  }

  /** @param {Picture} picture @param {GreyWindow} window */
  #table(picture, window) {
    const noData = typeof picture.raw?.NoData === 'number' ? picture.raw.NoData : null;
    const padding = picture.raw?.Padding ?? null;
    const key = JSON.stringify([window, noData, padding]);
    if (!this.table || key !== this.tableOf) this.table = tableOf(window, noData, padding);
    this.tableOf = key;
    return this.table;
  }

  /** Put the pixels where the view wants them. @param {Box | null} box CSS pixels of the pane; null: nothing */
  draw(box) {
    const ratio = this.canvas.width / Math.max(1, this.canvas.clientWidth);
    this.pane.setTransform(1, 0, 0, 1, 0, 0);
    this.pane.fillStyle = '#000';
    this.pane.fillRect(0, 0, this.canvas.width, this.canvas.height);
    if (!box) return;
    this.pane.imageSmoothingEnabled = (ratio * box.width) / this.source.width < SQUARES_FROM;
    this.pane.imageSmoothingQuality = 'high';
    this.pane.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.pane.drawImage(this.source, box.x, box.y, box.width, box.height);
  }

  /** As many device pixels as the pane has. Whether that has changed. */
  resize() {
    const ratio = window.devicePixelRatio || 1;
    const [width, height] = [Math.round(this.canvas.clientWidth * ratio), Math.round(this.canvas.clientHeight * ratio)];
    if (this.canvas.width === width && this.canvas.height === height) return false;
    this.canvas.width = width;
    this.canvas.height = height;
    return true;
  }
}

/**
 * The server's own picture where that is what is to be seen: there are no numbers, or nobody has changed the window of a table.
 * @param {Picture} picture @param {WindowSetting | null} window @param {boolean} inverted
 */
export function imageOf(picture, window, inverted) {
  const { image, values, turned, window: told } = picture;
  if (!values || !window || !told) return image;
  const isAsTold = told.Center === window.center && told.Width === window.width && told.Function === window.function;
  return isAsTold ? (inverted ? turned : image) : null;
}

/**
 * What values go through: each image may ask for inversion, and people turn that round.
 * @param {Picture} picture @param {WindowSetting} window @param {boolean} inverted @returns {GreyWindow}
 */
function throughWhich({ isInverted }, window, inverted) {
  return { ...window, invert: inverted !== isInverted };
}
