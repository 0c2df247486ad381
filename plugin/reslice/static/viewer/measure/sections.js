/** What a plane cuts out of the shapes that volumes are measured in. Lengths are mm, places LPS. */

import { add, along, cross, dot, scale, subtract } from '../geometry/vectors.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('./types.js').PlaneReference} PlaneReference
 * @typedef {readonly [Vec3, Vec3, Vec3]} Axes
 */

const STEPS = 180;
const EDGES = [[0, 1], [2, 3], [4, 5], [6, 7], [0, 2], [1, 3], [4, 6], [5, 7], [0, 4], [1, 5], [2, 6], [3, 7]];

/**
 * A closed curve of an ellipse: its centre and two conjugate semi-axes, of any space.
 * @param {readonly number[]} centre @param {readonly number[]} u @param {readonly number[]} v @returns {number[][]}
 */
export function ellipse(centre, u, v) {
  return Array.from({ length: STEPS }, (_, k) => {
    const [c, s] = [Math.cos((2 * Math.PI * k) / STEPS), Math.sin((2 * Math.PI * k) / STEPS)];
    return centre.map((part, j) => part + c * u[j] + s * v[j]);
  });
}

/**
 * The factors of three vectors whose sum is a fourth (Cramer).
 * @param {Axes} axes @param {Vec3} sum @returns {Vec3 | null} null where the three lie in one plane
 */
export function factorsOf([a, b, c], sum) {
  const whole = dot(a, cross(b, c));
  if (whole === 0) return null;
  return [dot(sum, cross(b, c)) / whole, dot(a, cross(sum, c)) / whole, dot(a, cross(b, sum)) / whole];
}

/**
 * The ellipse in which a plane cuts an ellipsoid, as a closed curve; null where it doesn't.
 * @param {Vec3} centre @param {Axes} axes semi-axes @param {PlaneReference} plane @returns {Vec3[] | null}
 */
export function ellipsoidSection(centre, axes, plane) {
  const from = factorsOf(axes, subtract(plane.Position, centre)); // in the space where the ellipsoid is the unit ball
  const [u, v] = [factorsOf(axes, plane.Row), factorsOf(axes, plane.Column)];
  if (!from || !u || !v) return null;
  const [uu, uv, vv] = [dot(u, u), dot(u, v), dot(v, v)];
  const [fu, fv] = [dot(from, u), dot(from, v)];
  const whole = uu * vv - uv * uv;
  const [s, t] = [(uv * fv - vv * fu) / whole, (uv * fu - uu * fv) / whole]; // the centre of the conic
  const left = 1 - dot(from, from) - fu * s - fv * t;
  if (!(left > 0)) return null;
  const [r, low] = [Math.sqrt(left), uv / Math.sqrt(uu)];
  const [across, down] = [r / Math.sqrt(uu), r / Math.sqrt(vv - low * low)]; // Cholesky of the conic's matrix
  const middle = along(along(plane.Position, s, plane.Row), t, plane.Column);
  const one = scale(plane.Row, across);
  const other = along(scale(plane.Column, down), (-low / Math.sqrt(uu)) * down, plane.Row);
  return ellipse(middle, one, other).map(([x, y, z]) => [x, y, z]);
}

/**
 * The corners of the polygon in which a plane cuts a box; null where it doesn't.
 * @param {Vec3} low @param {Vec3} high opposite corners @param {Axes} axes directions of the box's edges @param {PlaneReference} plane
 * @returns {Vec3[] | null}
 */
export function boxSection(low, high, axes, plane) {
  const parts = factorsOf(axes, subtract(high, low));
  if (!parts) return null;
  const edges = /** @type {Vec3[]} */ (parts.map((part, k) => scale(axes[k], part)));
  const corners = Array.from({ length: 8 }, (_, n) => {
    const sides = edges.map((edge, k) => scale(edge, (n >> (2 - k)) & 1));
    return sides.reduce(add, low);
  });
  const normal = cross(plane.Row, plane.Column);
  const depths = corners.map((corner) => dot(subtract(corner, plane.Position), normal));
  const cut = EDGES.filter(([a, b]) => depths[a] < 0 !== depths[b] < 0).map(([a, b]) => {
    return along(corners[a], depths[a] / (depths[a] - depths[b]), subtract(corners[b], corners[a]));
  });
  return cut.length < 3 ? null : around(cut, plane);
}

/** Corners of a convex polygon, once around. @param {Vec3[]} corners @param {PlaneReference} plane */
function around(corners, plane) {
  const middle = scale(corners.reduce(add), 1 / corners.length);
  const angle = (/** @type {Vec3} */ corner) => {
    const from = subtract(corner, middle);
    return Math.atan2(dot(from, plane.Column), dot(from, plane.Row));
  };
  return [...corners].sort((a, b) => angle(a) - angle(b));
}

/**
 * The circle in which a plane cuts a ball; null where it doesn't.
 * @param {Vec3} centre @param {number} radius @param {PlaneReference} plane @returns {Vec3[] | null}
 */
export function ballSection(centre, radius, plane) {
  return ellipsoidSection(centre, [[radius, 0, 0], [0, radius, 0], [0, 0, radius]], plane);
}
