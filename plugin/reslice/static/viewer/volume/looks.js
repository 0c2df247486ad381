/** How a volume looks in 3-D: projected, or as a body with colours. Pure functions. */

import { greysOf, isInHounsfield, valueOf } from './mapping.js';

/**
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').GreyWindow} GreyWindow
 * @typedef {import('./mapping.js').Mapping} Mapping
 * @typedef {readonly [number, number, number, number, number]} ControlPoint value, red, green, blue (0 to 1), and the part of
 *   the light that 1 mm takes away (0 to 1)
 * @typedef {object} Look
 * @property {string} name
 * @property {string} [preset] what the server calls it; a projection without
 * @property {boolean} [inverted] high values dark on a bright ground
 * @property {boolean} [relative] values from 0 to 1 of the volume's window
 * @property {readonly ControlPoint[]} [points]
 * @property {readonly [ambient: number, diffuse: number, specular: number, power: number]} [light]
 * @typedef {object} Table what the shader reads
 * @property {Float32Array} texels two rows of ENTRIES texels: red, green, blue, extinction a mm; and the sums of
 *   extinction and of the colours it weighs over all entries before
 * @property {Uint8Array} hides 1 for each entry that hides anything, else 0
 * @property {number} least part of the bytes' range below which nothing hides anything
 * @property {number} calm rise of the byte's part (0 to 1) a mm below which values tell noise more than a surface
 */

export const ENTRIES = 2048;
const OPAQUE = 0.999;
const CALM = 0.012;

/** @type {readonly Look[]} */
const COMPUTED_TOMOGRAPHY = [
  {
    name: 'bone',
    preset: 'bone',
    light: [0.3, 0.72, 0.2, 20],
    points: [
      [180, 0.72, 0.5, 0.36, 0],
      [240, 0.86, 0.7, 0.52, 0.15],
      [340, 0.96, 0.88, 0.74, 0.75],
      [700, 1, 0.96, 0.87, 0.97],
      [1600, 1, 1, 0.98, 0.99],
    ],
  },
  {
    name: 'vessels',
    preset: 'vessels',
    light: [0.2, 0.75, 0.3, 24],
    points: [
      [110, 0.45, 0.05, 0.03, 0],
      [160, 0.72, 0.12, 0.08, 0.16],
      [240, 0.86, 0.26, 0.16, 0.5],
      [320, 0.93, 0.62, 0.45, 0.7],
      [400, 0.97, 0.9, 0.78, 0.9],
      [1500, 1, 1, 0.98, 0.98],
    ],
  },
  {
    name: 'softTissue',
    preset: 'soft-tissue',
    light: [0.25, 0.7, 0.15, 16],
    points: [
      [-500, 0.85, 0.58, 0.44, 0],
      [-250, 0.95, 0.7, 0.55, 0.22],
      [-60, 0.95, 0.66, 0.5, 0.1],
      [20, 0.86, 0.4, 0.3, 0.16],
      [160, 0.92, 0.58, 0.42, 0.45],
      [300, 0.98, 0.92, 0.79, 0.9],
      [1500, 1, 1, 0.97, 0.99],
    ],
  },
  {
    name: 'lung',
    preset: 'lung',
    light: [0.45, 0.6, 0.2, 16],
    points: [
      [-1000, 0.2, 0.3, 0.4, 0],
      [-940, 0.35, 0.55, 0.7, 0],
      [-880, 0.55, 0.75, 0.85, 0.012],
      [-760, 0.85, 0.7, 0.7, 0.04],
      [-600, 0.98, 0.6, 0.5, 0.06],
      [-450, 0.95, 0.5, 0.4, 0],
      [200, 0.95, 0.88, 0.75, 0],
      [900, 1, 1, 0.95, 0.03],
    ],
  },
];

/** @type {Look} */
const TISSUE = {
  name: 'tissue',
  preset: 'mr',
  relative: true,
  light: [0.25, 0.72, 0.2, 16],
  points: [
    [0, 0.2, 0.2, 0.22, 0],
    [0.18, 0.45, 0.4, 0.38, 0],
    [0.35, 0.7, 0.6, 0.54, 0.25],
    [0.7, 0.9, 0.82, 0.75, 0.5],
    [1, 1, 0.98, 0.95, 0.75],
  ],
};

/** @type {Look} */
const UPTAKE = {
  name: 'uptake',
  preset: 'pet',
  relative: true,
  light: [0.5, 0.5, 0.1, 16],
  points: [
    [0, 0.1, 0.05, 0.15, 0],
    [0.1, 0.25, 0.08, 0.25, 0.004],
    [0.35, 0.75, 0.15, 0.12, 0.05],
    [0.65, 1, 0.55, 0.1, 0.2],
    [1, 1, 0.98, 0.8, 0.5],
  ],
};

/** @type {Look} */
const BODY = {
  name: 'body',
  preset: 'generic',
  relative: true,
  light: [0.25, 0.75, 0.2, 16],
  points: [
    [0, 0.1, 0.1, 0.1, 0],
    [0.25, 0.4, 0.4, 0.4, 0],
    [0.5, 0.7, 0.7, 0.7, 0.2],
    [1, 1, 1, 1, 0.7],
  ],
};

/** @type {readonly Look[]} */
const PROJECTIONS = [{ name: 'mip' }, { name: 'mipInverted', inverted: true }];

/** Those that suit a volume, the first to begin with. @param {string} modality @param {Volume} volume @returns {readonly Look[]} */
export function looksOf(modality, volume) {
  if (modality === 'CT') return isInHounsfield(volume) ? [...COMPUTED_TOMOGRAPHY, ...PROJECTIONS] : PROJECTIONS;
  if (modality === 'MR') return [TISSUE, ...PROJECTIONS];
  if (modality === 'PT') return [PROJECTIONS[1], PROJECTIONS[0], UPTAKE];
  return [BODY, ...PROJECTIONS];
}

/** @param {Look} look */
export function isProjection(look) {
  return look.points === undefined;
}

/**
 * The table of a projection through a window: only its colours are read.
 * @param {GreyWindow} window @param {Mapping} mapping @returns {Table}
 */
export function tableOfProjection(window, mapping) {
  const texels = new Float32Array(8 * ENTRIES);
  greysOf(window, mapping, ENTRIES).forEach((grey, k) => texels.set([grey, grey, grey, 1], 4 * k));
  return { texels, hides: new Uint8Array(ENTRIES), least: 0, calm: 1 };
}

/**
 * The table of a body; `range` is what relative control points are spread over.
 * @param {Look} look @param {Mapping} mapping @param {readonly [number, number]} range @returns {Table}
 */
export function tableOfBody(look, mapping, [low, high]) {
  const points = look.points ?? [];
  const at = (/** @type {number} */ value) => (look.relative ? low + value * (high - low) : value);
  const placed = points.map(([value, ...rest]) => /** @type {ControlPoint} */ (/** @type {unknown} */ ([at(value), ...rest])));
  const texels = new Float32Array(8 * ENTRIES);
  const hides = new Uint8Array(ENTRIES);
  const sums = [0, 0, 0, 0]; // as doubles: thousands of small ones add up
  let before = [0, 0, 0, 0];
  for (let k = 0; k < ENTRIES; k += 1) {
    const [red, green, blue, opacity] = interpolated(placed, valueOf(mapping, k / (ENTRIES - 1)));
    const extinction = -Math.log1p(-Math.min(opacity, OPAQUE));
    const weighed = [extinction * red, extinction * green, extinction * blue, extinction];
    if (k > 0) weighed.forEach((part, i) => { sums[i] += (part + before[i]) / 2; });
    before = weighed;
    hides[k] = extinction > 0 ? 1 : 0;
    texels.set([red, green, blue, extinction], 4 * k);
    texels.set(sums, 4 * (ENTRIES + k));
  }
  const width = placed[placed.length - 1][0] - placed[0][0];
  const least = Math.max(0, hides.indexOf(1) - 1) / (ENTRIES - 1);
  return { texels, hides, least, calm: (CALM * width) / (mapping.high - mapping.low) };
}

/** Straight from point to point, constant beyond them. @param {readonly ControlPoint[]} points @param {number} value */
function interpolated(points, value) {
  const next = points.findIndex((point) => point[0] > value);
  if (next < 0) return points[points.length - 1].slice(1);
  if (next === 0) return points[0].slice(1);
  const [one, other] = [points[next - 1], points[next]];
  const part = (value - one[0]) / (other[0] - one[0]);
  return one.slice(1).map((start, k) => start + part * (other[k + 1] - start));
}
