/** Where the 3-D picture is seen from: parallel lines of sight, the head always up. Pure functions. */

import { centreOf, extentAlong } from '../geometry/plane.js';
import { dot, negative, vectorOf } from '../geometry/vectors.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../geometry/view.js').Size} Size
 * @typedef {object} Orbit where the camera stands, in degrees
 * @property {number} azimuth 0 in front of the patient, 90 at the patient's left
 * @property {number} elevation 90 above the head, -90 below the feet
 * @typedef {object} Sight
 * @property {Vec3} right along the rows of the picture
 * @property {Vec3} down along its columns
 * @property {Vec3} away from the viewer
 */

/** The side of the patient that is looked at. From head and feet the front is up. @type {Readonly<Record<string, Orbit>>} */
export const SIDES = {
  A: { azimuth: 0, elevation: 0 },
  P: { azimuth: 180, elevation: 0 },
  L: { azimuth: 90, elevation: 0 },
  R: { azimuth: 270, elevation: 0 },
  H: { azimuth: 180, elevation: 90 },
  F: { azimuth: 0, elevation: -90 },
};

const FULL = 360;
const UPRIGHT = 90;
const MARGIN = 1.04; // what is seen keeps off the pane's border

/** @param {number} degrees */
const radians = (degrees) => (degrees * Math.PI) / (FULL / 2);

/** Cosine and sine, exact where they are 0 or 1: a picture from a side is that side's to the last bit. @param {number} degrees */
function cosineAndSine(degrees) {
  const exact = (/** @type {number} */ part) => (Math.abs(part) < 1e-12 ? 0 : part);
  return [exact(Math.cos(radians(degrees))), exact(Math.sin(radians(degrees)))];
}

/** @param {Orbit} orbit @returns {Sight} */
export function sightOf({ azimuth, elevation }) {
  const [ca, sa] = cosineAndSine(azimuth);
  const [ce, se] = cosineAndSine(elevation);
  return { right: [ca, sa, 0], down: [se * sa, -se * ca, -ce], away: [-ce * sa, ce * ca, -se] };
}

/**
 * Turned as if a hand drew at the front of the body: degrees to the right and down.
 * @param {Orbit} orbit @param {number} toRight @param {number} downwards @returns {Orbit}
 */
export function turned(orbit, toRight, downwards) {
  const azimuth = (((orbit.azimuth - toRight) % FULL) + FULL) % FULL;
  return { azimuth, elevation: Math.min(UPRIGHT, Math.max(-UPRIGHT, orbit.elevation + downwards)) };
}

/**
 * From edge to edge of a volume along a direction, mm.
 * @param {Volume} volume @param {Vec3} direction
 */
export function lengthAlong(volume, direction) {
  const [low, high] = extentAlong(volume, direction);
  const halves = [0, 1, 2].map((axis) => Math.abs(dot(vectorOf((k) => volume.Affine[k][axis]), direction)));
  return high - low + halves[0] + halves[1] + halves[2];
}

/**
 * CSS pixels a mm at which the volume fits into a pane from each of the six sides: turning doesn't change the scale.
 * @param {Volume} volume @param {Size} pane
 */
export function scaleOf(volume, pane) {
  const fits = [SIDES.A, SIDES.L, SIDES.F].map((orbit) => {
    const { right, down } = sightOf(orbit);
    return Math.min(pane.width / lengthAlong(volume, right), pane.height / lengthAlong(volume, down));
  });
  return Math.min(...fits) / MARGIN;
}

/** How deep the volume is at most, from any side. @param {Volume} volume */
export function depthOf(volume) {
  return Math.hypot(...[0, 1, 2].map((axis) => lengthAlong(volume, vectorOf((k) => (k === axis ? 1 : 0)))));
}

/**
 * Where a camera stands, for the server: LPS texts of position, of what it looks at, and of what is up.
 * @param {Volume} volume @param {Orbit} orbit
 */
export function viewpointOf(volume, orbit) {
  const { down, away } = sightOf(orbit);
  const [centre, distance] = [centreOf(volume), depthOf(volume)];
  const text = (/** @type {Vec3} */ vector) => vector.map((part) => Number(part.toFixed(6))).join(',');
  return {
    viewpointposition: text(vectorOf((k) => centre[k] - distance * away[k])),
    viewpointlookat: text(centre),
    viewpointup: text(negative(down)),
  };
}
