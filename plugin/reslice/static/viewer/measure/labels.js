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
 * The first place that will do: right of the shape, left, below, above, or further up or down beside it, and rather not upon
 * another shape. Where there is no room it is the place that covers least of what is written there.
 * @param {readonly Label[]} labels those that come first are placed first @param {number} width @param {number} height of the pane
 * @param {readonly Box[]} [written] what stands there already
 * @returns {Vec2[]} upper left corners
 */
export function placed(labels, width, height, written = []) {
  const taken = [...written];
  const shapes = labels.map(boxOf);
  return labels.map((label, k) => {
    const others = shapes.filter((_, other) => other !== k);
    const near = best(choicesOf(label, width, height).map((at) => judge(label, at, width, height, taken, others)));
    const box = near.covered > 0 ? anywhere(label, width, height, taken, near) : near.box;
    taken.push(box);
    return [box.left, box.top];
  });
}

/** @typedef {ReturnType<typeof judge>} Choice */

/** The first of those that cover least, and weren't pushed into the pane. @param {readonly Choice[]} choices */
function best(choices) {
  return choices.reduce((a, b) => (isBetter(b, a) ? b : a));
}

/** @param {Choice} a @param {Choice} b */
function isBetter(a, b) {
  if (a.covered !== b.covered) return a.covered < b.covered;
  return a.foreign === b.foreign ? a.pushed < b.pushed : a.foreign < b.foreign;
}

/**
 * Of all places in the pane the one that covers least, and of those the nearest to the shape.
 * @param {Label} label @param {number} width @param {number} height @param {readonly Box[]} taken @param {Choice} near @returns {Box}
 */
function anywhere(label, width, height, taken, near) {
  const few = label.points.filter((_, k) => k % Math.ceil(label.points.length / FEW) === 0); // of a curve
  let found = { box: near.box, covered: near.covered, long: longWay(near.box, few) };
  for (let y = EDGE; y < height; y += SEARCH) {
    for (let x = EDGE; x < width; x += SEARCH) {
      const box = boxAt(label, [x, y], width, height);
      const covered = coveredOf(box, taken, found.covered);
      if (covered > found.covered) continue;
      const long = longWay(box, few);
      if (covered < found.covered || long < found.long) found = { box, covered, long };
    }
  }
  return found.box;
}

/** How far a text is from the nearest of some points. @param {Box} box @param {readonly Vec2[]} points */
function longWay({ left, top, right, bottom }, points) {
  let least = Infinity;
  for (const [x, y] of points) {
    least = Math.min(least, Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom)));
  }
  return least;
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
 * From a text to its shape, where it doesn't stand beside it, or stands upon another.
 * @param {Vec2} at the text's upper left corner @param {Label} label @param {readonly Label[]} [others] of the other shapes
 * @returns {[Vec2, Vec2] | null}
 */
export function leader(at, label, others = []) {
  const { from, to, long } = way(at, label);
  const box = { left: at[0], top: at[1], right: at[0] + label.width, bottom: at[1] + label.height };
  const isUponAnother = others.some((other) => other !== label && shared(box, boxOf(other), 0, 0) > 0);
  return long > BESIDE || (isUponAnother && long > 0) ? [from, to] : null;
}

/** Around a shape. @param {Label} label @returns {Box} */
function boxOf({ points }) {
  const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
  return { left: Math.min(...xs), top: Math.min(...ys), right: Math.max(...xs), bottom: Math.max(...ys) };
}

/** @param {Label} label @param {Vec2} at @param {number} width @param {number} height @returns {Box} in the pane */
function boxAt(label, [x, y], width, height) {
  const [left, top] = [within(x, width - label.width), within(y, height - label.height)];
  return { left, top, right: left + label.width, bottom: top + label.height };
}

/** What a text would cover; counted until it is too much. @param {Box} box @param {readonly Box[]} taken @param {number} [most] */
function coveredOf(box, taken, most = Infinity) {
  let sum = 0;
  for (let k = 0; k < taken.length && sum <= most; k += 1) sum += shared(box, taken[k], ASIDE, BETWEEN);
  return sum;
}

/**
 * @param {Label} label @param {Vec2} at @param {number} width @param {number} height
 * @param {readonly Box[]} taken @param {readonly Box[]} others
 */
function judge(label, at, width, height, taken, others) {
  const box = boxAt(label, at, width, height);
  const foreign = others.reduce((sum, other) => sum + shared(box, other, 0, 0), 0);
  return { box, covered: coveredOf(box, taken), foreign, pushed: box.left !== at[0] || box.top !== at[1] ? 1 : 0 };
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

/**
 * The area that two boxes share, with the space that is to be between them.
 * @param {Box} a @param {Box} b @param {number} aside @param {number} between
 */
function shared(a, b, aside, between) {
  const across = Math.min(a.right, b.right) - Math.max(a.left, b.left) + aside;
  const down = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) + between;
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
