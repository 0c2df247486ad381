/** What hands do on a pane, the same for mouse, pen and fingers: drags, pinches, wheels, hovers, double clicks. */

/**
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {'left' | 'middle' | 'right' | 'three'} Hand one finger counts as left, three fingers as `three`
 * @typedef {object} Drag what goes on while something is held
 * @property {(at: Vec2, event: PointerEvent) => void} move
 * @property {(at: Vec2, event: PointerEvent) => void} [end]
 * @property {() => void} [cancel] another gesture has begun, or the browser took the pointer away
 * @typedef {object} Handlers places are CSS pixels from the element's upper left corner
 * @property {(hand: Hand, at: Vec2, event: PointerEvent) => Drag | null} drag something is held: what is to go on
 * @property {(steps: number, at: Vec2, event: WheelEvent) => void} wheel steps down are positive
 * @property {(factor: number, by: Vec2, at: Vec2) => void} pinch two fingers: by how much wider and where to since the last call
 * @property {(at: Vec2 | null, event: PointerEvent) => void} hover null: the pointer has left
 * @property {(at: Vec2, event: MouseEvent) => void} double
 */

/** @type {readonly Hand[]} */
const BUTTONS = ['left', 'middle', 'right'];
const PIXELS_A_STEP = 100;
const LINES_A_STEP = 3;

/**
 * Listen to an element; the answer ends it.
 * @param {HTMLElement} element @param {Handlers} handlers
 */
export function listen(element, handlers) {
  const hands = new Hands(element, handlers);
  const ended = new AbortController();
  const options = { signal: ended.signal };
  element.addEventListener('pointerdown', (event) => hands.down(event), options);
  element.addEventListener('pointermove', (event) => hands.move(event), options);
  element.addEventListener('pointerup', (event) => hands.up(event), options);
  element.addEventListener('pointercancel', (event) => hands.lost(event), options);
  element.addEventListener('pointerleave', (event) => handlers.hover(null, event), options);
  element.addEventListener('dblclick', (event) => handlers.double(placeIn(element, event), event), options);
  element.addEventListener('contextmenu', (event) => event.preventDefault(), options);
  element.addEventListener('wheel', (event) => hands.wheel(event), { ...options, passive: false });
  return () => ended.abort();
}

/** @param {HTMLElement} element @param {MouseEvent} event @returns {Vec2} */
export function placeIn(element, event) {
  const box = element.getBoundingClientRect();
  return [event.clientX - box.left, event.clientY - box.top];
}

class Hands {
  /** @param {HTMLElement} element @param {Handlers} handlers */
  constructor(element, handlers) {
    this.element = element;
    this.handlers = handlers;
    /** @type {Map<number, Vec2>} */
    this.pointers = new Map();
    /** @type {Drag | null} */
    this.drag = null;
    this.wheeled = 0;
  }

  /** @param {PointerEvent} event */
  down(event) {
    const at = placeIn(this.element, event);
    this.pointers.set(event.pointerId, at);
    this.element.setPointerCapture(event.pointerId);
    this.#cancel();
    const count = this.pointers.size;
    if (event.pointerType === 'mouse' && event.button === 1) event.preventDefault(); // no automatic scrolling
    const hand = event.pointerType === 'touch' && count === 3 ? 'three' : BUTTONS[event.button];
    if (count !== 2 && hand) this.drag = this.handlers.drag(hand, at, event);
  }

  /** @param {PointerEvent} event */
  move(event) {
    const at = placeIn(this.element, event);
    const before = this.pointers.get(event.pointerId);
    if (!before) return this.handlers.hover(at, event);
    const others = [...this.pointers].filter(([id]) => id !== event.pointerId).map(([, place]) => place);
    this.pointers.set(event.pointerId, at);
    if (others.length === 1) return this.#pinch(before, at, others[0]);
    this.drag?.move(at, event);
  }

  /** @param {Vec2} before @param {Vec2} now @param {Vec2} other */
  #pinch(before, now, other) {
    const apart = (/** @type {Vec2} */ place) => Math.max(1, Math.hypot(place[0] - other[0], place[1] - other[1]));
    const middle = /** @type {Vec2} */ ([(now[0] + other[0]) / 2, (now[1] + other[1]) / 2]);
    this.handlers.pinch(apart(now) / apart(before), [(now[0] - before[0]) / 2, (now[1] - before[1]) / 2], middle);
  }

  /** @param {PointerEvent} event */
  up(event) {
    if (!this.pointers.delete(event.pointerId)) return;
    const drag = this.drag;
    this.drag = null;
    drag?.end?.(placeIn(this.element, event), event);
  }

  /** @param {PointerEvent} event */
  lost(event) {
    this.pointers.delete(event.pointerId);
    this.#cancel();
  }

  #cancel() {
    const drag = this.drag;
    this.drag = null;
    drag?.cancel?.();
  }

  /** Wheels turn by lines or notches, touchpads by pixels: both are counted in notches. @param {WheelEvent} event */
  wheel(event) {
    event.preventDefault();
    const turned = event.deltaY || event.deltaX; // with Shift some systems turn sideways
    if (turned === 0) return;
    const part = turned / (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? LINES_A_STEP : PIXELS_A_STEP);
    this.wheeled = Math.sign(this.wheeled) === Math.sign(part) ? this.wheeled + part : part;
    const steps = Math.abs(part) >= 0.5 ? Math.sign(part) * Math.max(1, Math.round(Math.abs(part))) : Math.trunc(this.wheeled);
    if (steps === 0) return;
    this.wheeled = 0;
    this.handlers.wheel(steps, placeIn(this.element, event), event);
  }
}
