/** The tools that look: window, zoom, pan, scroll and the crosshair. */

import { rotated } from '../state/view.js';
import { PicturePane } from './pane.js';
import { PlanePane } from './mpr.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Tool} Tool
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 */

const WINDOW_PIXELS = 250;
const ZOOM_PIXELS = 150;
const SCROLL_PIXELS = 8;
const WHOLE_FROM = 10;
const NARROWEST = 1e-6;

/** @param {App} app */
export function addLookingTools(app) {
  for (const tool of [windowTool(app), zoomTool(), panTool(), scrollTool(), crosshairTool(app)]) app.tools.set(tool.name, tool);
}

/** @param {App} app @returns {Tool} */
function windowTool(app) {
  return {
    name: 'window',
    cursor: 'default',
    drag(pane, from) {
      const begin = pane instanceof PicturePane ? pane.window() : null;
      if (!begin) return null;
      const { window } = app.store.get(); // null: each image has its own
      return {
        move: (at) => app.store.set({ window: windowAt(begin, at[0] - from[0], at[1] - from[1]) }),
        cancel: () => app.store.set({ window }),
      };
    },
  };
}

/**
 * To the right: wider; down: darker.
 * @param {WindowSetting} begin @param {number} dx @param {number} dy @returns {WindowSetting}
 */
export function windowAt(begin, dx, dy) {
  const isWhole = begin.width >= WHOLE_FROM;
  const round = (/** @type {number} */ value) => (isWhole ? Math.round(value) : Number(value.toPrecision(6)));
  const least = begin.function === 'LINEAR' ? 1 : NARROWEST;
  const width = Math.max(least, round(begin.width * Math.exp(dx / WINDOW_PIXELS)));
  return { ...begin, width, center: round(begin.center + (dy / WINDOW_PIXELS) * begin.width) };
}

/** @returns {Tool} */
function zoomTool() {
  return {
    name: 'zoom',
    cursor: 'zoom-in',
    drag(pane, from) {
      if (!(pane instanceof PicturePane)) return null;
      let last = from[1];
      return {
        move: (at) => {
          pane.zoom(from, Math.exp((last - at[1]) / ZOOM_PIXELS));
          last = at[1];
        },
      };
    },
  };
}

/** @returns {Tool} */
function panTool() {
  return { name: 'pan', cursor: 'grab', drag: (pane, from) => follow(pane, from, (flat, by) => flat.pan(by)) };
}

/** @returns {Tool} */
function scrollTool() {
  return {
    name: 'scroll',
    cursor: 'ns-resize',
    drag(pane, from) {
      if (!(pane instanceof PicturePane)) return null;
      const begin = pane.step().index;
      return {
        move: (at) => pane.scroll(begin + Math.round((at[1] - from[1]) / SCROLL_PIXELS) - pane.step().index),
      };
    },
  };
}

/** @param {Pane} pane @param {Vec2} from @param {(flat: PicturePane, by: Vec2) => void} act */
function follow(pane, from, act) {
  if (!(pane instanceof PicturePane)) return null;
  let last = from;
  return {
    /** @param {Vec2} at */
    move(at) {
      act(pane, [at[0] - last[0], at[1] - last[1]]);
      last = at;
    },
  };
}

/** @param {App} app @returns {Tool} */
function crosshairTool(app) {
  return {
    name: 'crosshair',
    cursor: 'crosshair',
    drag(pane, from) {
      if (!(pane instanceof PlanePane)) return null;
      if (pane.handleAt(from)) return turning(app, pane, from);
      pane.pointAt(from);
      return { move: (at) => pane.pointAt(at) };
    },
  };
}

/** @param {App} app @param {PlanePane} pane @param {Vec2} from */
function turning(app, pane, from) {
  const begin = app.store.get();
  const angleAt = (/** @type {Vec2} */ at) => {
    const middle = pane.placement()?.toScreen(begin.crosshair) ?? from;
    return Math.atan2(at[1] - middle[1], at[0] - middle[0]);
  };
  const first = angleAt(from);
  return {
    /** @param {Vec2} at */
    move: (at) => app.store.set(rotated(begin, pane.plane, angleAt(at) - first)),
    cancel: () => app.store.set({ axes: begin.axes }),
  };
}

