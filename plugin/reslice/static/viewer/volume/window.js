/** The window and the unit of a projection. Pure functions. */

import { areAlike, scaledWindow } from '../geometry/voi.js';

/**
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').ViewerState} ViewerState
 */

/**
 * The window that people chose; null while it is the one that the server chose for planes, which suits no projection: then
 * the projection's own.
 * @param {ViewerState} state @param {{window: WindowSetting, unit: string} | null} usual @param {Volume} volume @returns {WindowSetting | null}
 */
export function shownWindow({ window, unit }, usual, volume) {
  if (!window || !usual) return window;
  const chosen = scaledWindow(usual.window, factorOf(volume, unit) / factorOf(volume, usual.unit));
  return areAlike(chosen, window) ? null : window;
}

/** How many of a unit are one of the stored. @param {Volume} volume @param {string} unit */
export function factorOf(volume, unit) {
  return unit === 'suv' && volume.Suv && 'Factor' in volume.Suv ? volume.Suv.Factor : 1;
}

/** A window of stored values for those of a unit. @param {WindowSetting} window @param {number} factor @returns {WindowSetting} */
export function inUnit(window, factor) {
  return { ...window, center: window.center * factor, width: window.width * factor };
}
