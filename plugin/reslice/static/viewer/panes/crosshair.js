/** Where the other planes cross a pane: lines in the planes' colours, with handles that turn them. */

import { PLANES, directionsOf } from '../geometry/plane.js';
import { cross, dot, length, unit } from '../geometry/vectors.js';
import { drawn } from './frame.js';

/**
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').PlaneName} PlaneName
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./mpr.js').PlanePane} PlanePane
 */

const GAP = 14;
const HANDLE_AT = 0.38;
const HANDLE_RADIUS = 5;
const REACH = 12;

/** @param {PlanePane} pane @param {Placement} placement @param {ViewerState} state */
export function crosshairLines(pane, placement, state) {
  const group = drawn('g', { class: 'crosshair' });
  const middle = placement.toScreen(state.crosshair);
  const far = pane.size.width + pane.size.height;
  for (const [name, [dx, dy]] of directionsOnScreen(pane, placement, state)) {
    for (const side of [1, -1]) {
      const [from, to] = [GAP, far].map((distance) => [middle[0] + side * distance * dx, middle[1] + side * distance * dy]);
      group.append(drawn('line', { class: name, x1: from[0], y1: from[1], x2: to[0], y2: to[1] }));
    }
  }
  if (state.tool === 'crosshair') {
    for (const handle of handles(pane, placement, state)) {
      group.append(drawn('circle', { class: `handle ${handle.name}`, cx: handle.at[0], cy: handle.at[1], r: HANDLE_RADIUS }));
    }
  }
  return group;
}

/** @param {PlanePane} pane @param {Placement} placement @param {ViewerState} state @returns {[PlaneName, Vec2][]} */
function directionsOnScreen(pane, placement, state) {
  const own = directionsOf(pane.plane, state.axes);
  const { row, column } = placement.directions ?? own;
  return PLANES.filter((name) => name !== pane.plane).map((name) => {
    const line = cross(own.normal, directionsOf(name, state.axes).normal);
    const along = length(line) > 0 ? unit(line) : line;
    return [name, [dot(along, row), dot(along, column)]];
  });
}

/** @param {PlanePane} pane @param {Placement} placement @param {ViewerState} state */
function handles(pane, placement, state) {
  const middle = placement.toScreen(state.crosshair);
  const distance = HANDLE_AT * Math.min(pane.size.width, pane.size.height);
  return directionsOnScreen(pane, placement, state).flatMap(([name, [dx, dy]]) =>
    [1, -1].map((side) => ({ name, at: /** @type {Vec2} */ ([middle[0] + side * distance * dx, middle[1] + side * distance * dy]) })),
  );
}

/** The handle at a place, or null. @param {PlanePane} pane @param {Placement} placement @param {ViewerState} state @param {Vec2} at */
export function handleAt(pane, placement, state, at) {
  const all = handles(pane, placement, state);
  return all.find((handle) => Math.hypot(handle.at[0] - at[0], handle.at[1] - at[1]) <= REACH) ?? null;
}
