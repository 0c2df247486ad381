/** Whether an outline crosses itself. Pure. */

import { cross, dot, length, scale, subtract } from '../geometry/vectors.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('./types.js').Place} Place
 * @typedef {readonly [number, number]} Flat
 */

const THIN = 1e-6;

/** @param {readonly Place[]} points of a polygon, in a plane @returns {boolean} false: it has no area, or two of its sides meet */
export function isSimple(points) {
  const flat = flattened(points);
  if (!flat) return false;
  const count = flat.length;
  for (let i = 0; i < count; i += 1) {
    for (let j = i + 2; j < count; j += 1) {
      const isNeighbour = i === 0 && j === count - 1;
      if (!isNeighbour && doCross(flat[i], flat[(i + 1) % count], flat[j], flat[(j + 1) % count])) return false;
    }
  }
  return true;
}

/** Coordinates in the polygon's own plane; null where it has no area. @param {readonly Place[]} points @returns {Flat[] | null} */
function flattened(points) {
  const all = points.map((point) => /** @type {Vec3} */ ([point[0], point[1], point[2] ?? 0]));
  const around = all.map((point) => subtract(point, all[0]));
  const normal = around.slice(1).reduce((sum, point, k) => {
    const part = cross(around[k], point);
    return /** @type {Vec3} */ ([sum[0] + part[0], sum[1] + part[1], sum[2] + part[2]]);
  }, /** @type {Vec3} */ ([0, 0, 0]));
  if (length(normal) < THIN) return null;
  const n = scale(normal, 1 / length(normal));
  const side = around.find((point) => length(point) > THIN) ?? around[1];
  const u = scale(side, 1 / length(side));
  const v = cross(n, u);
  return around.map((point) => [dot(point, u), dot(point, v)]);
}

/** @param {Flat} a @param {Flat} b @param {Flat} c @param {Flat} d */
function doCross(a, b, c, d) {
  return turn(a, b, c) * turn(a, b, d) <= 0 && turn(c, d, a) * turn(c, d, b) <= 0;
}

/** Twice the area of a triangle, by its sense. @param {Flat} a @param {Flat} b @param {Flat} c */
function turn(a, b, c) {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}
