/** What of the drawn shapes lies under a pointer. Pure; all in CSS pixels of a pane. */

/**
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {{points: readonly Vec2[], closed: boolean}} Path
 * @typedef {{id: string, paths: readonly Path[], marks: readonly Vec2[], handles: readonly {at: Vec2, index: number}[]}} Shown
 * @typedef {{id: string, handle: {at: Vec2, index: number} | null}} Hit
 */

/**
 * A handle of the chosen shape, else the nearest line.
 * @param {readonly Shown[]} shapes @param {Vec2} at @param {number} reach @param {string | null} selected
 * @param {boolean} [onlyHandles] @returns {Hit | null}
 */
export function hitAt(shapes, at, reach, selected, onlyHandles = false) {
  const chosen = shapes.find((shape) => shape.id === selected);
  const handles = (chosen?.handles ?? []).map((handle) => ({ handle, distance: apart(handle.at, at) }));
  const handle = handles.filter((one) => one.distance <= reach).sort((a, b) => a.distance - b.distance)[0];
  if (chosen && handle) return { id: chosen.id, handle: handle.handle };
  if (onlyHandles) return null;
  const near = shapes.map((shape) => ({ shape, distance: distanceTo(shape, at) })).filter((one) => one.distance <= reach);
  const nearest = near.sort((a, b) => a.distance - b.distance)[0];
  return nearest ? { id: nearest.shape.id, handle: null } : null;
}

/** Whether any of a shape lies in what a pane shows. @param {Shown} shape @param {number} width @param {number} height */
export function isSeen({ paths, marks }, width, height) {
  const points = [...paths.flatMap((path) => path.points), ...marks];
  const [xs, ys] = [0, 1].map((k) => points.map((point) => point[k]));
  return points.length > 0 && Math.min(...xs) < width && Math.max(...xs) > 0 && Math.min(...ys) < height && Math.max(...ys) > 0;
}

/** @param {Shown} shape @param {Vec2} at */
function distanceTo({ paths, marks }, at) {
  const lines = paths.map(({ points, closed }) => alongPath(closed ? [...points, points[0]] : points, at));
  return Math.min(Infinity, ...lines, ...marks.map((mark) => apart(mark, at)));
}

/** @param {readonly Vec2[]} points @param {Vec2} at */
function alongPath(points, at) {
  return Math.min(...points.slice(1).map((end, k) => toSegment(points[k], end, at)));
}

/** @param {Vec2} a @param {Vec2} b @param {Vec2} at */
function toSegment(a, b, at) {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const square = dx * dx + dy * dy;
  const part = square === 0 ? 0 : Math.min(1, Math.max(0, ((at[0] - a[0]) * dx + (at[1] - a[1]) * dy) / square));
  return apart([a[0] + part * dx, a[1] + part * dy], at);
}

/** @param {Vec2} a @param {Vec2} b */
function apart(a, b) {
  return Math.hypot(a[0] - b[0], a[1] - b[1]);
}
