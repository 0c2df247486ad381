/** Measurements as lines: from a geometry to what a pane draws. Pure. */

import { PATIENT_AXES } from '../geometry/plane.js';
import { along, length, subtract } from '../geometry/vectors.js';
import { areHere, isAlongside, mappingOf, planeOf, vector } from './mapping.js';
import { ballSection, boxSection, ellipse, ellipsoidSection, factorsOf } from './sections.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('./mapping.js').Scene} Scene
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Geometry} Geometry
 * @typedef {import('./types.js').Line} Line
 * @typedef {import('./types.js').Mapping} Mapping
 * @typedef {import('./types.js').Outline} Outline
 * @typedef {import('./types.js').Place} Place
 * @typedef {import('../geometry/plane.js').PlacedPlane} PlacedPlane
 * @typedef {Outline & {mapping: Mapping}} Drawn
 */

/** The handle that changes the size of what has a centre. */
export const RIM = 100;
const LEAST_SCALE = 1e-3;

/**
 * What a pane draws of a measurement; null where it shows nothing of it.
 * @param {Body & {Calibration?: {Spacing?: readonly [number, number] | null} | null}} body @param {Placement} placement @param {Scene} scene
 * @returns {Drawn | null}
 */
export function outlineOf(body, placement, scene) {
  const mapping = mappingOf(body, placement, scene);
  if (!mapping) return null;
  const outline = body.Type === 'volume' ? ofVolume(body, mapping, placement, scene) : ofPlane(body, mapping, placement, scene);
  return outline && (outline.lines.length > 0 || outline.marks.length > 0) ? { ...outline, mapping } : null;
}

/**
 * @param {Body & {Calibration?: {Spacing?: readonly [number, number] | null} | null}} body
 * @param {Mapping} mapping @param {Placement} placement @param {Scene} scene @returns {Outline | null}
 */
function ofPlane(body, mapping, placement, scene) {
  const points = body.Geometry.Points ?? [];
  const mapped = points.map(mapping.toPane);
  const isHere = areHere(points, body, mapping, placement);
  if (body.Tool === 'point') {
    const rim = rimOf(body, mapping, placement, scene);
    const marks = isHere ? mapped : [];
    return { lines: closed(rim), marks, handles: [...handlesAt(marks), ...rimHandle(rim)] };
  }
  if (!isHere) return null;
  const lines = linesOf(body.Tool, points).map((line) => ({ ...line, points: line.points.map(mapping.toPane) }));
  return { lines, marks: points.length === 1 ? mapped : [], handles: handlesAt(mapped) };
}

/** @param {string} tool @param {readonly Place[]} points @returns {Line[]} in the measurement's own space */
export function linesOf(tool, points) {
  const line = (/** @type {readonly Place[]} */ some, isClosed = false) => ({ points: some, closed: isClosed });
  if (points.length < 2) return [];
  if (tool === 'cobb') return cobbLines(points);
  if (tool === 'ellipse' && points.length === 4) return [line(ellipseOf(points), true)];
  return [line(points, tool === 'polygon' || tool === 'rectangle')];
}

/** Two lines, and an aid that ties them together. @param {readonly Place[]} points @returns {Line[]} */
function cobbLines(points) {
  const pairs = [points.slice(0, 2), points.slice(2)].filter((pair) => pair.length === 2);
  const lines = pairs.map((pair) => ({ points: pair, closed: false }));
  return pairs.length < 2 ? lines : [...lines, { points: pairs.map(([a, b]) => middle(a, b)), closed: false, faint: true }];
}

/** @param {Place} a @param {Place} b @returns {number[]} */
export function middle(a, b) {
  return a.map((part, k) => (part + b[k]) / 2);
}

/** @param {Place} a @param {Place} b @returns {number[]} */
export function difference(a, b) {
  return a.map((part, k) => part - b[k]);
}

/** The curve through the ends of two axes; right in any space, since maps between them are affine. @param {readonly Place[]} points */
function ellipseOf([a, b, c, d]) {
  return ellipse(middle(a, b), difference(b, a).map((part) => part / 2), difference(d, c).map((part) => part / 2));
}

/**
 * Around a point: of an image a disc, in a volume a ball.
 * @param {Body & {Calibration?: {Spacing?: readonly [number, number] | null} | null}} body
 * @param {Mapping} mapping @param {Placement} placement @param {Scene} scene @returns {readonly Place[] | null}
 */
function rimOf(body, mapping, placement, scene) {
  const { Points: [centre] = [], Radius: radius, Space: space } = body.Geometry;
  if (!radius || !centre) return null;
  const isFlat = Boolean(body.Image);
  if (isFlat && !(areHere([centre], body, mapping, placement) && isAlongside(body, placement, scene))) return null;
  const rim = space === 'pixel' ? disc(centre, radius, body.Calibration?.Spacing ?? spacingOf(placement))
    : around(vector(centre), radius, planeOf(placement), isFlat);
  return rim?.map(mapping.toPane) ?? null;
}

/** @param {Place} centre @param {number} radius @param {readonly [number, number] | null | undefined} spacing */
function disc(centre, radius, spacing) {
  return spacing ? ellipse(centre, [radius / spacing[1], 0], [0, radius / spacing[0]]) : null;
}

/** @param {Vec3} centre @param {number} radius @param {PlacedPlane | null} plane @param {boolean} isFlat whether it lies on an image */
function around(centre, radius, plane, isFlat) {
  return plane && ballSection(centre, radius, isFlat ? { ...plane, Position: centre } : plane);
}

/** Millimetres between rows and columns of what a pane shows, if known. @param {Placement} placement */
export function spacingOf({ plane }) {
  return plane.Calibration ? plane.Calibration.Spacing : plane.Spacing;
}

/** @param {Body} body @param {Mapping} mapping @param {Placement} placement @param {Scene} scene @returns {Outline | null} */
function ofVolume(body, mapping, placement, scene) {
  const { Shape: shape, Seed: seed } = body.Geometry;
  const here = (/** @type {Place | undefined} */ place) => (place && areHere([place], body, mapping, placement) ? [mapping.toPane(place)] : []);
  const marks = here(seed);
  if (body.Tool === 'polygons' || shape === 'polygons') {
    const rings = (body.Geometry.Polygons ?? []).filter((ring) => areHere(ring, body, mapping, placement));
    return { lines: rings.flatMap((ring) => closed(ring.map(mapping.toPane))), marks, handles: [] };
  }
  const points = (body.Geometry.Points ?? []).map(vector);
  const rim = sectionOf(shape, points, planeOf(placement), scene)?.map(mapping.toPane) ?? null;
  const handles = shape === 'ellipsoid' ? [...handlesAt(here(points[0])), ...rimHandle(rim)] : [];
  return { lines: closed(rim), marks, handles };
}

/** @param {string | undefined} shape @param {readonly Vec3[]} points @param {PlacedPlane | null} plane @param {Scene} scene */
function sectionOf(shape, points, plane, scene) {
  if (!plane) return null;
  if (shape === 'box') return boxSection(points[0], points[1], volumeAxes(scene), plane);
  return shape === 'ellipsoid' ? ellipsoidSection(points[0], axesOf(points), plane) : null;
}

/** @param {Scene} scene @returns {readonly [Vec3, Vec3, Vec3]} */
function volumeAxes({ volume }) {
  const axis = (/** @type {number} */ k) => vector([0, 1, 2].map((j) => volume?.Affine[j][k] ?? 0));
  return volume ? [axis(0), axis(1), axis(2)] : PATIENT_AXES;
}

/** @param {readonly Vec3[]} points centre and three ends @returns {readonly [Vec3, Vec3, Vec3]} */
function axesOf([centre, a, b, c]) {
  return [subtract(a, centre), subtract(b, centre), subtract(c, centre)];
}

/** @param {readonly Place[] | null} points @returns {Line[]} */
function closed(points) {
  return points ? [{ points, closed: true }] : [];
}

/** @param {readonly Place[]} places */
function handlesAt(places) {
  return places.map((at, index) => ({ at, index }));
}

/** @param {readonly Place[] | null} rim */
function rimHandle(rim) {
  return rim ? [{ at: rim[0], index: RIM }] : [];
}

/**
 * The geometry after a handle was moved; opposite sides, centres and right angles stay.
 * @param {Body} body @param {number} index @param {Place} to in the measurement's space
 * @param {readonly [number, number] | null | undefined} spacing mm between rows, columns of pixels @returns {Geometry}
 */
export function reshaped(body, index, to, spacing) {
  const geometry = body.Geometry;
  const points = geometry.Points ?? [];
  if (index === RIM) return resized(geometry, to, spacing);
  if (body.Type === 'volume' || body.Tool === 'point') return shifted(geometry, difference(to, points[0]));
  if (body.Tool === 'rectangle') return { ...geometry, Points: cornerMoved(points, index, to) };
  if (body.Tool === 'ellipse') return { ...geometry, Points: axisMoved(points, index, to) };
  return { ...geometry, Points: points.map((point, k) => (k === index ? to : point)) };
}

/** The whole of it moved. @param {Geometry} geometry @param {readonly number[]} by @returns {Geometry} */
export function shifted(geometry, by) {
  const move = (/** @type {Place} */ place) => place.map((part, k) => part + by[k]);
  const seed = geometry.Seed ? { Seed: vector(move(geometry.Seed)) } : {};
  return { ...geometry, Points: (geometry.Points ?? []).map(move), ...seed };
}

/** @param {Geometry} geometry @param {Place} to @param {readonly [number, number] | null | undefined} spacing @returns {Geometry} */
function resized(geometry, to, spacing) {
  const points = geometry.Points ?? [];
  if (geometry.Shape === 'ellipsoid') {
    const [centre, ...ends] = points.map(vector);
    const factors = factorsOf(axesOf([centre, ...ends]), subtract(vector(to), centre));
    const by = Math.max(LEAST_SCALE, factors ? length(factors) : 1);
    const grown = ends.map((end) => along(centre, by, subtract(end, centre)));
    return { ...geometry, Points: [centre, ...grown] };
  }
  const radius = distance(points[0], to, geometry.Space, spacing);
  return radius ? { ...geometry, Radius: radius } : geometry;
}

/**
 * Between two places in mm; null where the size of pixels isn't known.
 * @param {Place} a @param {Place} b @param {'LPS' | 'pixel'} space @param {readonly [number, number] | null | undefined} spacing
 */
export function distance(a, b, space, spacing) {
  const apart = difference(a, b);
  if (space === 'LPS') return Math.hypot(...apart);
  return spacing ? Math.hypot(apart[0] * spacing[1], apart[1] * spacing[0]) : null;
}

/** A corner of a rectangle moved, the opposite one stays. @param {readonly Place[]} points @param {number} index @param {Place} to */
function cornerMoved(points, index, to) {
  const at = (/** @type {number} */ k) => points[(index + k) % 4];
  const fixed = at(2);
  const sides = [difference(at(1), fixed), difference(at(3), fixed)];
  const [s, t] = sides.map((_, k) => partAlong(difference(to, fixed), sides[k], sides[1 - k]));
  const corner = (/** @type {number} */ a, /** @type {number} */ b) => fixed.map((part, k) => part + a * sides[0][k] + b * sides[1][k]);
  const turned = [corner(s, t), corner(s, 0), fixed, corner(0, t)];
  return points.map((_, k) => turned[(k - index + 4) % 4]);
}

/** The factor of one side in a sum of two: at right angles in LPS; in pixels the sides may not be. @param {Place} sum @param {Place} side @param {Place} other */
function partAlong(sum, side, other) {
  if (sum.length === 2) return (sum[0] * other[1] - sum[1] * other[0]) / (side[0] * other[1] - side[1] * other[0]);
  return inner(sum, side) / inner(side, side);
}

/** @param {Place} a @param {Place} b */
function inner(a, b) {
  return a.reduce((sum, part, k) => sum + part * b[k], 0);
}

/** An end of an axis moved along it, the other end against it. @param {readonly Place[]} points @param {number} index @param {Place} to */
function axisMoved(points, index, to) {
  const opposite = index ^ 1;
  const centre = middle(points[index], points[opposite]);
  const half = difference(points[index], centre);
  const by = Math.max(LEAST_SCALE, inner(difference(to, centre), half) / inner(half, half));
  const end = (/** @type {number} */ sign) => centre.map((part, k) => part + sign * by * half[k]);
  return points.map((point, k) => (k === index ? end(1) : k === opposite ? end(-1) : point));
}
