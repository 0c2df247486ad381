/** What hands do on a pane with a flat picture. */

/**
 * @typedef {import('./pane.js').PicturePane} PicturePane
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('./gestures.js').Hand} Hand
 */

const ZOOM_A_STEP = 1.15;
/** @type {Partial<Record<Hand, string>>} */
const TOOL_OF = { middle: 'pan', right: 'zoom', three: 'scroll' };

/** @param {PicturePane} pane @returns {import('./gestures.js').Handlers} */
export function handlersOf(pane) {
  return {
    drag: (hand, at, event) => told(pane, drag(pane, hand, at, event)),
    wheel: (steps, at, event) => (event.ctrlKey || event.metaKey ? pane.zoom(at, ZOOM_A_STEP ** -steps) : pane.scroll(steps)),
    pinch: (factor, by, at) => {
      pane.zoom(at, factor);
      pane.pan(by);
    },
    hover: (at, event) => hover(pane, at, event),
    double: (at, event) => {
      const { store, tools } = pane.app;
      if (tools.get(store.get().tool)?.double?.(pane, at, event)) return;
      store.set({ maximised: store.get().maximised === pane.name ? null : pane.name });
    },
  };
}

/** @param {PicturePane} pane @param {Hand} hand @param {Vec2} at @param {PointerEvent} event */
function drag(pane, hand, at, event) {
  pane.surface.focus({ preventScroll: true });
  if (!pane.picture) return null;
  const { grabbers, store, tools } = pane.app;
  const fixed = TOOL_OF[hand];
  if (!fixed) {
    for (const grab of grabbers) {
      const grabbed = grab(pane, at, event);
      if (grabbed) return grabbed;
    }
  }
  return tools.get(fixed ?? store.get().tool)?.drag(pane, at, event) ?? null;
}

/** What lies under the hand is told while it drags, too. @param {PicturePane} pane @param {import('./gestures.js').Drag | null} dragged */
function told(pane, dragged) {
  if (!dragged) return null;
  return {
    /** @param {Vec2} at @param {PointerEvent} event */
    move(at, event) {
      pane.cursor = at;
      dragged.move(at, event);
    },
    /** @param {Vec2} at @param {PointerEvent} event */
    end: (at, event) => dragged.end?.(at, event),
    cancel: () => dragged.cancel?.(),
  };
}

/** @param {PicturePane} pane @param {Vec2 | null} at @param {PointerEvent} event */
function hover(pane, at, event) {
  const { store, tools } = pane.app;
  const tool = tools.get(store.get().tool);
  pane.cursor = at;
  pane.surface.style.cursor = tool?.cursor ?? '';
  tool?.hover?.(pane, at, event);
  if (at && event.shiftKey) pane.pointAt(at);
  pane.invalidate('draw');
}
