/** How a picture lies in its pane: fitted, zoomed about a point, moved. Lengths are mm; of images without a place, pixels. */

/**
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../types.js').View} View
 * @typedef {{width: number, height: number}} Size
 */

export const LEAST_ZOOM = 0.1;
export const MOST_ZOOM = 40;

/** @type {View} */
export const FITTED = { u: 0, v: 0, zoom: 1 };

/**
 * CSS pixels a mm that fit something into a pane.
 * @param {Size} what mm @param {Size} pane CSS pixels
 */
export function fit(what, pane) {
  return Math.min(pane.width / what.width, pane.height / what.height);
}

/**
 * From (u, v), which count from the middle of what is shown, to the screen.
 * @param {View} view @param {number} scale CSS pixels a mm at zoom 1 @param {Size} pane @param {Vec2} place @returns {Vec2}
 */
export function toScreen(view, scale, pane, [u, v]) {
  const s = scale * view.zoom;
  return [pane.width / 2 + (u - view.u) * s, pane.height / 2 + (v - view.v) * s];
}

/**
 * And back.
 * @param {View} view @param {number} scale @param {Size} pane @param {Vec2} at @returns {Vec2}
 */
export function fromScreen(view, scale, pane, [x, y]) {
  const s = scale * view.zoom;
  return [view.u + (x - pane.width / 2) / s, view.v + (y - pane.height / 2) / s];
}

/**
 * Larger or smaller, what lies at a place of the pane stays there.
 * @param {View} view @param {number} scale @param {Size} pane @param {Vec2} at @param {number} factor @returns {View}
 */
export function zoomed(view, scale, pane, at, factor) {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom * factor));
  const [u, v] = fromScreen(view, scale, pane, at);
  const s = scale * zoom;
  return { u: u - (at[0] - pane.width / 2) / s, v: v - (at[1] - pane.height / 2) / s, zoom };
}

/**
 * Moved with the hand by so many CSS pixels.
 * @param {View} view @param {number} scale @param {Vec2} by @returns {View}
 */
export function moved(view, scale, [dx, dy]) {
  const s = scale * view.zoom;
  return { ...view, u: view.u - dx / s, v: view.v - dy / s };
}

/**
 * A round length that is at most so long: 1, 2 or 5 times a power of ten.
 * @param {number} longest
 */
export function roundLength(longest) {
  const power = 10 ** Math.floor(Math.log10(longest));
  return [5, 2, 1].map((digit) => digit * power).find((length) => length <= longest) ?? power;
}
