/** The tools, and what they make of the points that a hand has set. Pure. */

import { along } from '../geometry/vectors.js';
import { vector } from './mapping.js';
import { difference, distance, middle, spacingOf } from './shapes.js';

/**
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').Place} Place
 * @typedef {'length' | 'polyline' | 'angle' | 'cobb' | 'ellipse' | 'rectangle' | 'polygon' | 'probe' | 'volume'} ToolName
 * @typedef {{series: string, volume: number, range: readonly [number, number], least?: number}} Region where a region grows, through which values, and mm that it has to be wider than
 * @typedef {object} Kind
 * @property {string} type
 * @property {string} tool
 * @property {number} most points that are set; then it is finished
 * @property {number} least points that may be finished with
 * @property {boolean} inPairs whether a drag sets two points
 */

/** @type {Readonly<Record<ToolName, Kind>>} */
export const KINDS = {
  length: { type: 'distance', tool: 'line', most: 2, least: 2, inPairs: true },
  polyline: { type: 'distance', tool: 'polyline', most: Infinity, least: 2, inPairs: false },
  angle: { type: 'angle', tool: 'angle', most: 3, least: 3, inPairs: false },
  cobb: { type: 'angle', tool: 'cobb', most: 4, least: 4, inPairs: true },
  ellipse: { type: 'area', tool: 'ellipse', most: 2, least: 2, inPairs: true },
  rectangle: { type: 'area', tool: 'rectangle', most: 2, least: 2, inPairs: true },
  polygon: { type: 'area', tool: 'polygon', most: Infinity, least: 3, inPairs: false },
  probe: { type: 'hu', tool: 'point', most: 2, least: 1, inPairs: true },
  volume: { type: 'volume', tool: 'region', most: 2, least: 2, inPairs: true },
};

export const TOOLS = /** @type {readonly ToolName[]} */ (Object.keys(KINDS));

/**
 * What the points say; null where they say nothing yet.
 * @param {ToolName} name @param {readonly Place[]} points in the space of the pane @param {Placement} placement
 * @param {Region | null} region of volumes, which are measured in voxels, not on a plane @returns {Body | null}
 */
export function bodyFrom(name, points, placement, region) {
  const { type, tool, least } = KINDS[name];
  if (points.length < least) return null;
  const geometry = geometryFrom(name, points, placement, region);
  const target = region ? { Series: region.series, Volume: region.volume } : placement.target;
  return geometry && { Type: type, Tool: tool, ...target, Geometry: { Space: placement.space, ...geometry } };
}

/**
 * @param {ToolName} name @param {readonly Place[]} points @param {Placement} placement
 * @param {Region | null} region @returns {Omit<import('./types.js').Geometry, 'Space'> | null}
 */
function geometryFrom(name, points, placement, region) {
  if (name === 'ellipse' || name === 'rectangle') return { Points: inBox(name, points[0], points[1], placement) };
  if (name === 'volume') return region && ball(points[0], points[1], region);
  if (name !== 'probe' || points.length < 2) return { Points: points };
  const radius = distance(points[0], points[1], placement.space, spacingOf(placement));
  return radius ? { Points: [points[0]], Radius: radius } : { Points: [points[0]] };
}

/**
 * The rectangle between two opposite corners along the picture's edges, or the ellipse in it.
 * @param {ToolName} name @param {Place} from @param {Place} to @param {Placement} placement @returns {Place[]}
 */
function inBox(name, from, to, placement) {
  const corner = acrossFrom(from, to, placement);
  const other = difference(to, difference(corner, from)); // the fourth: from + to - corner
  if (name === 'rectangle') return [from, corner, to, other];
  return [middle(from, other), middle(corner, to), middle(from, corner), middle(other, to)];
}

/** The corner in the row of one place and the column of another. @param {Place} from @param {Place} to @param {Placement} placement @returns {Place} */
function acrossFrom(from, to, { space, directions }) {
  if (space === 'pixel' || !directions) return [to[0], from[1]];
  const { row } = directions;
  const right = row.reduce((sum, part, k) => sum + part * (to[k] - from[k]), 0);
  return along(vector(from), right, row);
}

/** Null of a ball that its own voxel may not be in. @param {Place} centre @param {Place} rim @param {Region} region */
function ball(centre, rim, { range, least = 0 }) {
  const radius = Math.hypot(...difference(rim, centre));
  const at = vector(centre);
  /** @type {readonly Vec3[]} */
  const ends = [along(at, radius, [1, 0, 0]), along(at, radius, [0, 1, 0]), along(at, radius, [0, 0, 1])];
  return radius > least ? { Shape: 'ellipsoid', Points: [at, ...ends], Seed: at, Range: range } : null;
}

/**
 * Values that count as the same tissue: around that of the seed, as far as a quarter of the window is wide.
 * @param {number} value @param {number} width of the window @param {string} unit of both
 * @param {number} factor by which the unit is larger than the stored one (SUV) @returns {readonly [number, number]}
 */
export function rangeAround(value, width, unit, factor) {
  const [low, high] = [(value - width / 4) / factor, (value + width / 4) / factor];
  if (unit === 'HU') return [Math.round(low), Math.round(high)];
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.max(Math.abs(high - low), 1e-9))));
  const [down, up] = [Math.floor, Math.ceil].map((round, k) => Number((round([low, high][k] * 10 ** digits) / 10 ** digits).toPrecision(12)));
  return [down, up];
}
