/** What hands and keys do on the 3-D pane. */

/**
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../panes/gestures.js').Drag} Drag
 * @typedef {import('../panes/gestures.js').Hand} Hand
 * @typedef {object} Turnable
 * @property {HTMLElement} surface
 * @property {(toRight: number, downwards: number) => void} turn degrees
 * @property {(at: Vec2, factor: number) => void} zoom
 * @property {(by: Vec2) => void} pan
 * @property {() => void} reset
 * @property {(isHeld: boolean) => void} hold while something is held, quick pictures will do
 * @property {() => void} maximise
 * @property {() => Vec2} middle of the pane
 */

const HALF_TURN = 180;
const TURN_A_KEY = 10;
const ZOOM_A_STEP = 1.15;
const ZOOM_PIXELS = 150;

/** @param {Turnable} pane @returns {import('../panes/gestures.js').Handlers} */
export function handlersOf(pane) {
  return {
    drag: (hand, at) => drag(pane, hand, at),
    wheel: (steps, at) => pane.zoom(at, ZOOM_A_STEP ** -steps),
    pinch: (factor, by, at) => {
      pane.zoom(at, factor);
      pane.pan(by);
    },
    hover: () => {},
    double: () => pane.maximise(),
  };
}

/** @param {Turnable} pane @param {Hand} hand @param {Vec2} from @returns {Drag} */
function drag(pane, hand, from) {
  pane.surface.focus({ preventScroll: true });
  let last = from;
  const half = Math.min(pane.surface.clientWidth, pane.surface.clientHeight);
  /** @type {(by: Vec2) => void} */
  const move = ([dx, dy]) => {
    if (hand === 'left') pane.turn((dx / half) * HALF_TURN, (dy / half) * HALF_TURN);
    else if (hand === 'right') pane.zoom(from, Math.exp(-dy / ZOOM_PIXELS));
    else pane.pan([dx, dy]);
  };
  pane.hold(true);
  return {
    move: (at) => {
      move([at[0] - last[0], at[1] - last[1]]);
      last = at;
    },
    end: () => pane.hold(false),
    cancel: () => pane.hold(false),
  };
}

/** Whether the key was used. @param {Turnable} pane @param {KeyboardEvent} event */
export function pressed(pane, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const actions = /** @type {Record<string, () => void>} */ ({
    ArrowLeft: () => pane.turn(-TURN_A_KEY, 0),
    ArrowRight: () => pane.turn(TURN_A_KEY, 0),
    ArrowUp: () => pane.turn(0, -TURN_A_KEY),
    ArrowDown: () => pane.turn(0, TURN_A_KEY),
    '+': () => pane.zoom(pane.middle(), ZOOM_A_STEP),
    '=': () => pane.zoom(pane.middle(), ZOOM_A_STEP),
    '-': () => pane.zoom(pane.middle(), 1 / ZOOM_A_STEP),
    r: () => pane.reset(),
    R: () => pane.reset(),
    ' ': () => pane.reset(),
  });
  const action = Object.hasOwn(actions, event.key) ? actions[event.key] : null;
  action?.();
  return action !== null;
}
