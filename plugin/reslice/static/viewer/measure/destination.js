/** Where a measurement is to be seen. Pure. */

import { axesThat } from '../geometry/plane.js';
import { unit } from '../geometry/vectors.js';
import { frameOf, gridOf, isPlaced, vector } from './mapping.js';

/**
 * @typedef {import('../types.js').Destination} Destination
 * @typedef {import('../types.js').Frame} Frame
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Place} Place
 */

/**
 * @param {Body} body @param {Held} held what its series holds @param {readonly Frame[]} frames of the series
 * @returns {Destination | null} null where nothing of it can be shown
 */
export function destinationOf(body, held, frames) {
  const frame = frameOf(body, frames);
  const volume = volumeOf(body, frame, held);
  if (!volume) return frame && ofStack(frame, held, frames);
  const grid = gridOf(frame, volume);
  const point = middleOf(body, grid);
  const directions = body.Plane ?? (grid && { Row: unit(grid.right), Column: unit(grid.down) });
  const axes = directions ? { axes: axesThat(directions.Row, directions.Column) } : {};
  return { series: held.Series, volume: volume.Index, ...(point ? { point } : {}), ...axes };
}

/** @param {Body} body @param {Frame | null} frame @param {Held} held @returns {Volume | null} */
function volumeOf(body, frame, held) {
  const index = frame ? frame.Volume : body.Volume;
  return held.Volumes.find((volume) => volume.Index === index) ?? null;
}

/** Frames of volumes aren't among those that are scrolled through. @param {Frame} frame @param {Held} held @param {readonly Frame[]} frames */
function ofStack(frame, held, frames) {
  const loose = held.Volumes.length > 0 ? frames.filter((one) => one.Stack !== null) : frames;
  return { series: held.Series, volume: null, frame: Math.max(0, loose.indexOf(frame)) };
}

/** @param {Body} body @returns {readonly Place[]} places in whose middle it is looked for */
function placesOf(body) {
  if (!isPlaced(body)) return [];
  const { Points: points = [], Seed: seed, Polygons: polygons = [], Shape: shape } = body.Geometry;
  if (shape === 'ellipsoid') return points.slice(0, 1);
  const all = [...points, ...(polygons[Math.floor(polygons.length / 2)] ?? [])];
  return all.length === 0 && seed ? [seed] : all;
}

/** The middle of its points in the patient. @param {Body} body @param {import('./mapping.js').Grid | null} grid of its image @returns {Vec3 | null} null where nobody knows */
export function middleOf(body, grid) {
  const own = placesOf(body);
  if (own.length === 0 || (body.Geometry.Space === 'pixel' && !grid)) return null;
  const middle = own[0].map((_, k) => own.reduce((sum, place) => sum + place[k], 0) / own.length);
  if (!grid || body.Geometry.Space === 'LPS') return vector(middle);
  const [column, row] = middle;
  return vector([0, 1, 2].map((k) => grid.origin[k] + column * grid.right[k] + row * grid.down[k]));
}
