/** A pane with a plane of the volume, and where the other planes cross it. */

import { ACROSS, PLANES, areUnturned, centreOf, directionsOf, extentAlong, isPatientPlane, placeOf, pointOf } from '../geometry/plane.js';
import { nearestStep, positionAt, stepOf } from '../geometry/steps.js';
import { along, cross, dot, subtract } from '../geometry/vectors.js';
import { unitOf, windowQuery } from '../net/pictures.js';
import { atStep, placeAmongSteps, positionOf, settingOf, volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { edgesOf, placeInWords } from '../words.js';
import { crosshairLines, handleAt } from './crosshair.js';
import { hasItsGrid, ownSlice } from './own_slice.js';
import { PicturePane } from './pane.js';
import { directionInWords, pointInWords, valueInWords, windowInWords } from './told.js';

/**
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../net/pictures.js').Picture} Picture
 * @typedef {import('../net/loader.js').Wanted} Wanted
 * @typedef {import('../geometry/plane.js').PlacedPlane} PlacedPlane
 * @typedef {Record<string, string | number | boolean>} Query
 */

const LONGEST_SIDE = 1536;
const PREVIEW_SIDE = 384;
const PREVIEW_QUALITY = 70;
const AHEAD = 3;

export class PlanePane extends PicturePane {
  /** @param {import('../types.js').App} app @param {PlaneName} name */
  constructor(app, name) {
    super(app, name);
    /** @type {PlaneName} */
    this.plane = name;
    this.volume = /** @type {Volume} */ (volumeOf(app.store.get()));
    this.centre = centreOf(this.volume);
    this.heading = 1;
    this.lastIndex = this.step().index;
  }

  /** @returns {readonly (keyof ViewerState)[]} */
  get asksFor() {
    return ['crosshair', 'axes', 'slab', 'unit'];
  }

  /** @param {ViewerState} state @returns {Wanted} */
  wanted(state) {
    const place = this.#placeOf(state);
    const numbers = this.#address(state, place, { format: 'raw' });
    const preview = this.hasTable ? null : this.#address(state, place, this.#previewQuery(state));
    return { numbers, preview, bytes: this.#bytes(state), next: this.#neighbours(state) };
  }

  /** Where it lies, as the route takes it. @param {ViewerState} state @returns {Query} */
  #placeOf(state) {
    const { axes, crosshair } = state;
    if (!isPatientPlane(this.plane, axes)) {
      const { row, column } = directionsOf(this.plane, axes);
      return { row: row.join(), column: column.join(), center: crosshair.join() };
    }
    const { steps } = placeAmongSteps(state, this.plane);
    const position = positionOf(state, this.plane);
    const index = stepOf(steps, position);
    return index === null ? { position } : { index };
  }

  /** @param {ViewerState} state @param {Query} place @param {Query} form @returns {import('../net/pictures.js').Address} */
  #address(state, place, form) {
    const path = `series/${encodeURIComponent(String(state.series))}/mpr/${'row' in place ? 'oblique' : this.plane}`;
    const { thickness, projection } = state.slab;
    /** @type {Query} */
    const slab = thickness > 0 ? { 'slab-thickness': thickness, projection } : {};
    const side = this.#longestSide(state);
    /** @type {Query} */
    const size = side > LONGEST_SIDE && !('width' in form) ? { width: LONGEST_SIDE, height: LONGEST_SIDE } : {};
    /** @type {Query} */
    const unit = state.unit === 'suv' ? { unit: 'suv' } : {};
    return [path, { volume: this.volume.Index, ...place, ...slab, ...size, ...unit, ...form }];
  }

  /** @param {ViewerState} state @returns {Query} */
  #previewQuery(state) {
    const base = { format: 'jpeg', quality: PREVIEW_QUALITY, width: PREVIEW_SIDE, height: PREVIEW_SIDE };
    return { ...base, ...windowQuery(state) };
  }

  /** Pixels of the longer side. @param {ViewerState} state */
  #longestSide(state) {
    return Math.max(...this.#sides(state));
  }

  /** @param {ViewerState} state */
  #sides(state) {
    const { row, column } = directionsOf(this.plane, state.axes);
    const finest = Math.min(this.volume.Spacing[1], this.volume.Spacing[2]);
    return [column, row].map((direction) => {
      const [low, high] = extentAlong(this.volume, direction);
      return (high - low) / finest + 1;
    });
  }

  /** @param {ViewerState} state */
  #bytes(state) {
    const [rows, columns] = this.#sides(state);
    return rows * columns * (this.volume.Type === 'int16' && state.unit === 'stored' ? 2 : 4);
  }

  /** @param {ViewerState} state */
  #neighbours(state) {
    const { index, count } = this.step();
    if (index !== this.lastIndex) this.heading = Math.sign(index - this.lastIndex);
    this.lastIndex = index;
    if (!isPatientPlane(this.plane, state.axes) || state.slab.thickness > 0) return [];
    const next = [...Array(AHEAD).keys()].map((k) => index + this.heading * (k + 1));
    return next.filter((k) => k >= 0 && k < count).map((k) => this.#address(state, { index: k }, { format: 'raw' }));
  }

  /** The first picture tells the window. @param {Picture} picture */
  received(picture) {
    const { store } = this.app;
    if (!store.get().window && picture.window && unitOf(picture) === store.get().unit) store.set({ window: settingOf(picture.window) });
    this.app.shown(this, picture);
  }

  /** @param {Picture} picture */
  gridOf(picture) {
    const plane = /** @type {PlacedPlane} */ (picture.plane);
    const from = subtract(plane.Position, this.centre);
    return { u: dot(from, plane.Row), v: dot(from, plane.Column), du: plane.Spacing[1], dv: plane.Spacing[0] };
  }

  /** @param {Picture} picture */
  extentOf(picture) {
    const { Row, Column } = /** @type {PlacedPlane} */ (picture.plane);
    const [width, height] = [Row, Column].map((direction) => {
      const [low, high] = extentAlong(this.volume, direction);
      return high - low + Math.max(...this.volume.Spacing);
    });
    return { width, height };
  }

  /** @param {Picture} picture */
  lettersOf(picture) {
    return edgesOf(/** @type {PlacedPlane} */ (picture.plane));
  }

  millimetres() {
    return 1;
  }

  step() {
    const { steps, index } = placeAmongSteps(this.app.store.get(), this.plane);
    return { index, count: steps.count };
  }

  /** @param {number} index */
  goToStep(index) {
    this.app.store.set(atStep(this.app.store.get(), this.plane, index));
  }

  /** @param {Picture} picture */
  corners(picture) {
    const { plane } = picture;
    const slab = plane.Slab ? [TEXTS.panes.slab(plane.Slab, plane.Projection ?? 'mean')] : [];
    const isOwn = this.#ownSlice() !== null && hasItsGrid(this.volume, /** @type {PlacedPlane} */ (plane));
    const notes = [...this.notes(picture), ...(slab.length > 0 ? [TEXTS.panes.middle] : isOwn ? [] : [TEXTS.panes.interpolated])];
    const suv = unitOf(picture) === 'suv' ? [TEXTS.panes.suv] : [];
    return {
      'top-left': [this.title, ...slab],
      'top-right': [...notes, ...suv, ...(picture.values ? [] : [TEXTS.panes.preview])],
      'bottom-left': [this.#placeInWords(picture), ...this.#cursorInWords()],
      'bottom-right': [windowInWords(picture, this.window(), this.inverted)],
    };
  }

  /** @param {Picture} picture */
  #placeInWords(picture) {
    const plane = /** @type {PlacedPlane} */ (picture.plane);
    if (picture.key.includes('/oblique?')) return TEXTS.panes.oblique(directionInWords(cross(plane.Row, plane.Column)));
    const axis = ACROSS[this.plane];
    const count = TEXTS.panes.of(Number(plane.Index) + 1, Number(plane.Count));
    return `${placeInWords(plane.Position[axis], axis)} · ${count}`;
  }

  #cursorInWords() {
    const placement = this.cursor && this.placement();
    if (!placement || !this.cursor) return [];
    const place = pointInWords(placement.fromScreen(this.cursor));
    if (!this.picture?.values) return [place]; // a preview has no values, and isn't outside for that
    return [`${valueInWords(placement.valueAt(this.cursor), placement.unit)} · ${place}`];
  }

  /** The stored frame that the picture is, bit for bit, if it is one. */
  #ownSlice() {
    if (!this.picture || this.picture.plane.Slab) return null;
    return ownSlice(this.volume, /** @type {PlacedPlane} */ (this.picture.plane));
  }

  /** @returns {Placement | null} */
  placement() {
    const { picture } = this;
    if (!picture) return null;
    const plane = /** @type {PlacedPlane} */ (picture.plane);
    const { u, v, du, dv } = this.gridOf(picture);
    const directions = { row: plane.Row, column: plane.Column, normal: cross(plane.Row, plane.Column) };
    return {
      space: 'LPS',
      toScreen: (point) => {
        const place = placeOf(plane, /** @type {Vec3} */ (/** @type {unknown} */ (point)));
        return this.screenOf([u + place.column * du, v + place.row * dv]);
      },
      fromScreen: (at) => {
        const [row, column] = /** @type {Vec2} */ (this.pixelAt(at));
        return [...pointOf(plane, row, column)];
      },
      behind: (point) => placeOf(plane, /** @type {Vec3} */ (/** @type {unknown} */ (point))).behind,
      tolerance: Math.max(plane.Thickness ?? 0, Math.min(...this.volume.Spacing)) / 2,
      plane,
      directions,
      target: this.#target(plane),
      pixel: this.scale * this.view.zoom * du,
      valueAt: (at) => this.valueAt(at),
      unit: picture.raw?.Unit ?? this.volume.Unit,
    };
  }

  /** @param {PlacedPlane} plane @returns {import('../types.js').MeasurementTarget} */
  #target(plane) {
    const slice = this.#ownSlice();
    const frame = slice === null ? null : this.app.frameOfSlice(this.volume.Index, slice);
    if (frame) return { Image: { Instance: frame.Instance, Frame: frame.Frame } };
    const { Position, Row, Column } = plane;
    return { Series: String(this.app.store.get().series), Volume: this.volume.Index, Plane: { Position, Row, Column } };
  }

  decorate() {
    const placement = this.placement();
    const lines = placement ? crosshairLines(this, placement, this.app.store.get()) : null;
    this.overlay.querySelector('.crosshair')?.remove();
    if (lines) this.overlay.prepend(lines);
  }

  /** What of the crosshair is under the pointer. @param {Vec2} at */
  handleAt(at) {
    const placement = this.placement();
    return placement ? handleAt(this, placement, this.app.store.get(), at) : null;
  }

  /** The crosshair goes there; unturned planes keep to their steps. @param {Vec2} at */
  pointAt(at) {
    const placement = this.placement();
    if (!placement) return;
    const state = this.app.store.get();
    const point = /** @type {Vec3} */ (/** @type {unknown} */ (placement.fromScreen(at)));
    if (!areUnturned(state.axes)) {
      const { normal } = directionsOf(this.plane, state.axes);
      const by = subtract(point, state.crosshair);
      this.app.store.set({ crosshair: along(along(state.crosshair, 1, by), -dot(by, normal), normal) });
      return;
    }
    const place = [...state.crosshair];
    for (const name of PLANES.filter((other) => other !== this.plane)) {
      const axis = ACROSS[name];
      const { steps } = placeAmongSteps(state, name);
      place[axis] = positionAt(steps, nearestStep(steps, point[axis]));
    }
    this.app.store.set({ crosshair: [place[0], place[1], place[2]] });
  }
}
