/** All keys and gestures, in one table: what the keyboard does and what the help sheet says are read from it. */

import { TEXTS } from '../texts.js';

/**
 * @typedef {import('./actions.js').Actions} Actions
 * @typedef {object} Binding
 * @property {readonly string[]} keys of KeyboardEvent.key, letters small
 * @property {string} text what it does
 * @property {(actions: Actions, event: KeyboardEvent) => unknown} [run] none: another part of the page listens for it
 * @property {string} [held] what is held with it: Alt, Ctrl, Ctrl+Shift
 * @property {boolean} [moves] fields that use arrows keep them
 * @typedef {{title: string, bindings: readonly Binding[]}} Group
 */

const T = TEXTS.ui;
const PAGE = 10;
const DEGREES = 1;
const MORE_DEGREES = 10;

/** Tools by their keys, in the order of the toolbar. */
export const TOOLS = /** @type {const} */ ([
  ['window', 'w'], ['zoom', 'z'], ['pan', 'h'], ['crosshair', 'c'], ['length', 'l'], ['angle', 'a'], ['cobb', ''],
  ['ellipse', 'e'], ['rectangle', 't'], ['polygon', 'g'], ['probe', 'o'], ['volume', 'v'],
]);

/** @type {readonly Binding[]} */
const PLACES = [
  { keys: ['ArrowUp'], text: T.keys.previous, moves: true, run: (actions) => actions.step(-1) },
  { keys: ['ArrowDown'], text: T.keys.next, moves: true, run: (actions) => actions.step(1) },
  { keys: ['PageUp'], text: T.keys.tenBack, moves: true, run: (actions) => actions.step(-PAGE) },
  { keys: ['PageDown'], text: T.keys.tenOn, moves: true, run: (actions) => actions.step(PAGE) },
  { keys: ['Home'], text: T.keys.first, moves: true, run: (actions) => actions.toEnd(false) },
  { keys: ['End'], text: T.keys.last, moves: true, run: (actions) => actions.toEnd(true) },
  { keys: ['ArrowLeft'], text: T.keys.paneBefore, moves: true, run: (actions) => actions.nextPane(-1) },
  { keys: ['ArrowRight'], text: T.keys.paneAfter, moves: true, run: (actions) => actions.nextPane(1) },
  { keys: ['m'], text: T.keys.maximise, run: (actions) => actions.maximise() },
  { keys: ['p'], text: T.keys.play, run: (actions) => actions.cine.toggle() },
  { keys: ['s'], text: T.keys.slices, run: (actions) => actions.alongSlices() },
  { keys: ['r', ' '], text: T.keys.reset, run: (actions) => actions.reset() },
];

/** @type {readonly Binding[]} */
const WINDOWS = [
  ...T.keys.presets.map((text, k) => ({
    keys: [String(k + 1)],
    text,
    run: (/** @type {Actions} */ actions) => actions.number(k + 1),
  })),
  { keys: ['8'], text: T.keys.ofTheFile, run: (actions) => actions.number(8) },
  { keys: ['0'], text: T.keys.automatic, run: (actions) => actions.number(0) },
  { keys: ['i'], text: T.keys.invert, run: (actions) => actions.invert() },
];

/** @type {readonly Binding[]} */
const HANDS = [
  ...TOOLS.filter(([, key]) => key).map(([name, key]) => ({
    keys: [key],
    text: T.tools[name],
    run: (/** @type {Actions} */ actions) => actions.choose(name),
  })),
  { keys: ['ArrowLeft'], held: 'Alt', text: T.keys.turnBack, moves: true, run: (actions, event) => turn(actions, event, -1) },
  { keys: ['ArrowRight'], held: 'Alt', text: T.keys.turnOn, moves: true, run: (actions, event) => turn(actions, event, 1) },
  { keys: ['Escape'], text: T.keys.leave, run: (actions) => actions.leave() },
];

/** @type {readonly Binding[]} */
const MEASURING = [
  { keys: ['Enter'], text: T.keys.point },
  { keys: ['Backspace'], text: T.keys.pointBack },
  { keys: ['Delete'], text: T.keys.remove },
  { keys: ['z'], held: 'Ctrl', text: T.keys.undo },
  { keys: ['z'], held: 'Ctrl+Shift', text: T.keys.redo },
  { keys: ['y'], held: 'Ctrl', text: T.keys.redo },
  { keys: ['?'], text: T.keys.help, run: (actions) => actions.help.toggle() },
];

/** @type {readonly Group[]} */
export const KEYS = [
  { title: T.help.places, bindings: PLACES },
  { title: T.help.windows, bindings: WINDOWS },
  { title: T.help.tools, bindings: HANDS },
  { title: T.help.measuring, bindings: MEASURING },
];

/**
 * The binding of a key, or null.
 * @param {string} key of KeyboardEvent.key @param {boolean} alt @param {boolean} shift
 */
export function bindingOf(key, alt, shift) {
  const isLetter = /^[a-z]$/i.test(key);
  if (isLetter && shift) return null; // Shift with a letter is nobody's
  const wanted = isLetter ? key.toLowerCase() : key;
  const fits = (/** @type {Binding} */ { keys, held, run }) => run && keys.includes(wanted) && (held === 'Alt') === alt && (!held || held === 'Alt');
  return KEYS.flatMap((group) => group.bindings).find(fits) ?? null;
}

/** The crosshair turned, with its tool alone. @param {Actions} actions @param {KeyboardEvent} event @param {1 | -1} way */
function turn(actions, event, way) {
  if (actions.state.tool === 'crosshair') actions.turn(way * (event.shiftKey ? MORE_DEGREES : DEGREES));
}
