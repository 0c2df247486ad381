/** Vectors of three numbers. @typedef {import('../types.js').Vec3} Vec3 */

/** The vector of three parts. @param {(k: number) => number} part @returns {Vec3} */
export function vectorOf(part) {
  return [part(0), part(1), part(2)];
}

/** @param {Vec3} a @param {Vec3} b @returns {Vec3} */
export function add(a, b) {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

/** @param {Vec3} a @param {Vec3} b @returns {Vec3} */
export function subtract(a, b) {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

/** @param {Vec3} a @param {number} factor @returns {Vec3} */
export function scale(a, factor) {
  return [a[0] * factor, a[1] * factor, a[2] * factor];
}

/**
 * `a` and so much of `b`.
 * @param {Vec3} a @param {number} factor @param {Vec3} b @returns {Vec3}
 */
export function along(a, factor, b) {
  return [a[0] + factor * b[0], a[1] + factor * b[1], a[2] + factor * b[2]];
}

/** @param {Vec3} a @param {Vec3} b */
export function dot(a, b) {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/** @param {Vec3} a @param {Vec3} b @returns {Vec3} */
export function cross(a, b) {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

/** @param {Vec3} a */
export function length(a) {
  return Math.hypot(...a);
}

/** @param {Vec3} a @returns {Vec3} */
export function unit(a) {
  return scale(a, 1 / length(a));
}

/** @param {Vec3} a @returns {Vec3} */
export function negative(a) {
  return [-a[0], -a[1], -a[2]];
}

/**
 * A vector turned about a unit vector, by radians, as a right hand turns (Rodrigues).
 * @param {Vec3} a @param {Vec3} axis @param {number} angle @returns {Vec3}
 */
export function turned(a, axis, angle) {
  const cosine = Math.cos(angle);
  return along(along(scale(a, cosine), Math.sin(angle), cross(axis, a)), dot(axis, a) * (1 - cosine), axis);
}

/**
 * The nearest right-handed orthonormal frame that keeps the first vector's direction: many small turns drift.
 * @param {readonly [Vec3, Vec3, Vec3]} axes @returns {[Vec3, Vec3, Vec3]}
 */
export function orthonormal(axes) {
  const x = unit(axes[0]);
  const y = unit(along(axes[1], -dot(axes[1], x), x));
  return [x, y, cross(x, y)];
}
