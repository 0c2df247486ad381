/** From a measurement's own space to that of a pane and back, and whether the measurement lies in what the pane shows. */

import { placeOf, pointOf } from '../geometry/plane.js';
import { along, cross, dot, subtract, unit } from '../geometry/vectors.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../geometry/plane.js').PlacedPlane} PlacedPlane
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Mapping} Mapping
 * @typedef {import('./types.js').Place} Place
 * @typedef {{series: string | null, volume: Volume | null, frames: readonly Frame[]}} Scene what is opened: volume null: frames as a stack
 * @typedef {{origin: Vec3, right: Vec3, down: Vec3}} Grid a stored frame: steps to the next column and row, mm
 */

const SAME_PLACE = 1e-2;
const PARALLEL = 1e-6;

/** The plane of a pane, where it has a place in the patient. @param {Placement} placement @returns {PlacedPlane | null} */
export function planeOf({ plane }) {
  return plane.Position && plane.Row && plane.Column && plane.Spacing ? /** @type {PlacedPlane} */ (plane) : null;
}

/** @param {Body} body @param {readonly Frame[]} frames @returns {Frame | null} the stored frame that it is measured on */
export function frameOf({ Image: image }, frames) {
  return frames.find((frame) => image && frame.Instance === image.Instance && frame.Frame === (image.Frame ?? 0)) ?? null;
}

/** Where the pixels of a frame lie, by the volume that it belongs to. @param {Frame | null} frame @param {Volume | null} volume @returns {Grid | null} */
export function gridOf(frame, volume) {
  if (!frame?.Position || !volume || frame.Volume !== volume.Index) return null;
  const { Position: place } = frame;
  const origin = volume.Origins.find((one) => one.every((part, k) => Math.abs(part - place[k]) < SAME_PLACE));
  const step = (/** @type {number} */ axis) => vector([0, 1, 2].map((k) => volume.Affine[k][axis]));
  return origin ? { origin, right: step(2), down: step(1) } : null;
}

/** Whether it is told where it lies: a report of another program may leave it out. @param {Body} body */
export function isPlaced(body) {
  return body.Geometry !== undefined && body.Geometry !== null;
}

/**
 * How a measurement gets into a pane; null where what the pane shows is nothing that it was measured on.
 * @param {Body} body @param {Placement} placement @param {Scene} scene @returns {Mapping | null}
 */
export function mappingOf(body, placement, scene) {
  if (!isPlaced(body) || (body.Series ?? scene.series) !== scene.series) return null;
  if (placement.space === 'pixel') return ontoFrame(body, placement, scene);
  if (scene.volume === null || (body.Volume ?? scene.volume.Index) !== scene.volume.Index) return null;
  if (body.Geometry.Space === 'pixel') return fromFrame(body, scene);
  const own = normalOf(body, scene) ?? cross(/** @type {Vec3} */ (placement.plane.Row), /** @type {Vec3} */ (placement.plane.Column));
  return { toPane: (place) => place, fromPane: (place, original) => onto(own, place, original) };
}

/** A normal of the plane that a measurement lies on, if it has one. @param {Body} body @param {Scene} scene @returns {Vec3 | null} */
export function normalOf(body, scene) {
  if (body.Plane) return unit(cross(body.Plane.Row, body.Plane.Column));
  const grid = gridOf(frameOf(body, scene.frames), scene.volume);
  return grid ? unit(cross(grid.right, grid.down)) : null;
}

/** The foot of a place on the plane through another. @param {Vec3} normal @param {Place} place @param {Place} through @returns {Place} */
function onto(normal, place, through) {
  const [from, to] = [vector(through), vector(place)];
  return along(to, -dot(subtract(to, from), normal), normal);
}

/** Pixels of a stored frame in a plane through its volume. @param {Body} body @param {Scene} scene @returns {Mapping | null} */
function fromFrame(body, scene) {
  const grid = gridOf(frameOf(body, scene.frames), scene.volume);
  if (!grid) return null;
  const { origin, right, down } = grid;
  return {
    toPane: ([column, row]) => along(along(origin, column, right), row, down),
    fromPane: (place) => {
      const from = subtract(vector(place), origin);
      return [dot(from, right) / dot(right, right), dot(from, down) / dot(down, down)];
    },
  };
}

/** On a stored frame that is shown as it is. @param {Body} body @param {Placement} placement @param {Scene} scene @returns {Mapping | null} */
function ontoFrame(body, placement, scene) {
  const target = /** @type {Body} */ (placement.target);
  const [mine, shown] = [body.Image, target.Image];
  if (!shown || (mine && (mine.Instance !== shown.Instance || (mine.Frame ?? 0) !== shown.Frame))) return null;
  if (body.Geometry.Space === 'pixel') return { toPane: (place) => place, fromPane: (place) => place };
  const plane = planeOf(placement);
  if (!plane || (!mine && frameOf(target, scene.frames)?.Volume !== body.Volume)) return null;
  const normal = unit(cross(plane.Row, plane.Column));
  return {
    toPane: (place) => {
      const { row, column } = placeOf(plane, vector(place));
      return [column, row];
    },
    fromPane: ([column, row], original) => onto(normal, pointOf(plane, row, column), original),
  };
}

/**
 * Whether all of some places lie in what a pane shows.
 * @param {readonly Place[]} places in the measurement's space @param {Body} body @param {Mapping} mapping @param {Placement} placement
 */
export function areHere(places, body, mapping, placement) {
  if (placement.space === 'LPS') return places.every((place) => Math.abs(placement.behind(mapping.toPane(place))) <= placement.tolerance);
  const plane = planeOf(placement);
  if (body.Geometry.Space === 'pixel' || !plane) return body.Geometry.Space === 'pixel';
  return places.every((place) => Math.abs(placeOf(plane, vector(place)).behind) <= placement.tolerance);
}

/** Whether a pane shows the plane of a measurement, not one across it. @param {Body} body @param {Placement} placement @param {Scene} scene */
export function isAlongside(body, placement, scene) {
  const plane = planeOf(placement);
  const normal = normalOf(body, scene);
  if (placement.space === 'pixel' || !plane || !normal) return true;
  return 1 - Math.abs(dot(normal, unit(cross(plane.Row, plane.Column)))) < PARALLEL;
}

/** @param {Place} place @returns {Vec3} */
export function vector(place) {
  return [place[0], place[1], place[2]];
}
