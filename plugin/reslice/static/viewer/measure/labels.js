/** Where the texts beside shapes stand: within the pane, and off each other as far as there is room. Pure; CSS pixels of a pane. */

/**
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {{width: number, height: number, points: readonly Vec2[]}} Label its size, and the shape that it stands beside
 * @typedef {{left: number, top: number, right: number, bottom: number}} Box
 */

/** From line to line. */
export const LINE_HEIGHT = 16;
const MARGIN = 10; // from the shape
const EDGE = 3; // from the pane's edge, for the dark rim of the letters
const BETWEEN = 3; // labels one above the other
const ASIDE = 12; // labels side by side, which mustn't be read as one line
const MOST_SHIFTS = 3;
const SEARCH = 16; // from place to place
const FEW = 12; // points that are looked at
const BESIDE = 24;

/**
 * The first place that will do: right of the shape, left, below, above, or further up or down beside it. Where there is no room
 * it is the place that covers least of what is written there.
 * @param {readonly Label[]} labels those that come first are placed first @param {number} width @param {number} height of the pane
 * @param {readonly Box[]} [written] what stands there already
 * @returns {Vec2[]} upper left corners
 */
export function placed(labels, width, height, written = []) {
  const taken = [...written];
  return labels.map((label) => {
    const judged = (/** @type {Vec2[]} */ places) => best(places.map((at) => judge(label, at, width, height, taken)));
    const near = judged(choicesOf(label, width, height));
    const { box } = near.covered > 0 ? judged([[near.box.left, near.box.top], ...anywhere(label, width, height)]) : near;
    taken.push(box);
    return [box.left, box.top];
  });
}

/** The first of those that cover least, and weren't pushed into the pane. @param {readonly ReturnType<typeof judge>[]} choices */
function best(choices) {
  return choices.reduce((a, b) => (b.covered < a.covered || (b.covered === a.covered && b.pushed < a.pushed) ? b : a));
}

/** All over the pane, the nearest to the shape first. @param {Label} label @param {number} width @param {number} height @returns {Vec2[]} */
function anywhere(label, width, height) {
  const columns = Array.from({ length: Math.ceil(width / SEARCH) }, (_, k) => EDGE + k * SEARCH);
  const rows = Array.from({ length: Math.ceil(height / SEARCH) }, (_, k) => EDGE + k * SEARCH);
  const places = rows.flatMap((top) => columns.map((left) => /** @type {Vec2} */ ([within(left, width - label.width), within(top, height - label.height)])));
  const few = label.points.filter((_, k) => k % Math.ceil(label.points.length / FEW) === 0); // of a curve
  const told = places.map((at) => ({ at, long: way(at, { ...label, points: few }).long }));
  return told.sort((a, b) => a.long - b.long).map(({ at }) => at);
}

/** The shortest way from a text to its shape. @param {Vec2} at the text's upper left corner @param {Label} label */
function way([left, top], { width, height, points }) {
  const between = (/** @type {number} */ low, /** @type {number} */ part, /** @type {number} */ high) => Math.max(low, Math.min(part, high));
  const ways = points.map(([x, y]) => {
    const from = /** @type {Vec2} */ ([between(left, x, left + width), between(top, y, top + height)]);
    return { from, to: /** @type {Vec2} */ ([x, y]), long: Math.hypot(x - from[0], y - from[1]) };
  });
  return ways.reduce((a, b) => (b.long < a.long ? b : a));
}

/**
 * From a text to its shape, where it doesn't stand beside it.
 * @param {Vec2} at the text's upper left corner @param {Label} label @returns {[Vec2, Vec2] | null}
 */
export function leader(at, label) {
  const { from, to, long } = way(at, label);
  return long > BESIDE ? [from, to] : null;
}

/** @param {Label} label @param {Vec2} at @param {number} width @param {number} height @param {readonly Box[]} taken */
function judge(label, at, width, height, taken) {
  const left = within(at[0], width - label.width);
  const top = within(at[1], height - label.height);
  const box = { left, top, right: left + label.width, bottom: top + label.height };
  const covered = taken.reduce((sum, other) => sum + overlap(box, other), 0);
  return { box, covered, pushed: left !== at[0] || top !== at[1] ? 1 : 0 };
}

/** In the order in which they are wished for. @param {Label} label @param {number} width @param {number} height @returns {Vec2[]} */
function choicesOf({ points, width: long, height: high }, width, height) {
  const seen = points.filter(([x, y]) => x >= 0 && y >= 0 && x <= width && y <= height);
  const shown = seen.length > 0 ? seen : points;
  const most = (/** @type {0 | 1} */ axis, /** @type {1 | -1} */ sign) => shown.reduce((a, b) => (sign * b[axis] > sign * a[axis] ? b : a));
  const [left, right, top, bottom] = [most(0, -1), most(0, 1), most(1, -1), most(1, 1)];
  const beside = (/** @type {number} */ by) => /** @type {Vec2[]} */ ([
    [right[0] + MARGIN, right[1] - LINE_HEIGHT / 2 + by],
    [left[0] - MARGIN - long, left[1] - LINE_HEIGHT / 2 + by],
  ]);
  const step = high + BETWEEN;
  const shifts = Array.from({ length: MOST_SHIFTS }, (_, k) => [(k + 1) * step, -(k + 1) * step]).flat();
  return [...beside(0), [bottom[0] - long / 2, bottom[1] + MARGIN], [top[0] - long / 2, top[1] - MARGIN - high], ...shifts.flatMap(beside)];
}

/** @param {number} start @param {number} most */
function within(start, most) {
  return Math.max(EDGE, Math.min(start, most - EDGE));
}

/** The area that two boxes share, with the space that is to be between them. @param {Box} a @param {Box} b */
function overlap(a, b) {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left) + ASIDE;
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) + BETWEEN;
  return across > 0 && down > 0 ? across * down : 0;
}

/**
 * As much of a text as there is room for.
 * @param {string} text @param {number} most @param {(text: string) => number} lengthOf
 */
export function shortened(text, most, lengthOf) {
  if (lengthOf(text) <= most) return text;
  const letters = [...text];
  let [low, high] = [0, letters.length];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (lengthOf(`${letters.slice(0, middle).join('')}…`) <= most) low = middle;
    else high = middle - 1;
  }
  return `${letters.slice(0, low).join('').trimEnd()}…`;
}
