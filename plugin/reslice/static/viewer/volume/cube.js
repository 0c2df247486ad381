/** A little cube that shows how the patient is turned, its sides named A, P, R, L, H and F. */

import { dot, negative } from '../geometry/vectors.js';
import { SIDES, sightOf } from './camera.js';

/**
 * @typedef {import('./camera.js').Orbit} Orbit
 * @typedef {import('../types.js').Vec3} Vec3
 */

const SVG = 'http://www.w3.org/2000/svg';
const HALF = 15;
const EDGE_ON = 0.06;

/** @param {SVGSVGElement} place @param {Orbit} orbit */
export function drawCube(place, orbit) {
  const sight = sightOf(orbit);
  const faces = Object.entries(SIDES).map(([letter, side]) => ({ letter, side: sightOf(side) }));
  const seen = faces.filter(({ side }) => dot(side.away, sight.away) > EDGE_ON);
  place.replaceChildren(...seen.flatMap(({ letter, side }) => faceOf(letter, side, sight)));
}

/**
 * A face and its letter, upright as it is seen from that side.
 * @param {string} letter @param {import('./camera.js').Sight} side @param {import('./camera.js').Sight} sight
 */
function faceOf(letter, side, sight) {
  const onScreen = (/** @type {Vec3} */ vector) => [dot(vector, sight.right), dot(vector, sight.down)];
  const numbers = [...onScreen(side.right), ...onScreen(side.down), ...onScreen(negative(side.away)).map((part) => part * HALF)];
  const group = document.createElementNS(SVG, 'g');
  group.setAttribute('transform', `matrix(${numbers.map((part) => part.toFixed(4)).join(' ')})`);
  const face = document.createElementNS(SVG, 'rect');
  for (const [key, value] of Object.entries({ x: -HALF, y: -HALF, width: 2 * HALF, height: 2 * HALF })) face.setAttribute(key, String(value));
  face.setAttribute('fill-opacity', (0.25 + 0.45 * dot(side.away, sight.away)).toFixed(2));
  const text = document.createElementNS(SVG, 'text');
  text.textContent = letter;
  group.append(face, text);
  return [group];
}
