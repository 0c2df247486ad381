/** The window and the unit of a projection. Pure functions. */

/**
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {import('../types.js').ViewerState} ViewerState
 */

/**
 * The window that people chose; null while it is the one that the server chose for planes, which suits no projection: then
 * the projection's own. And whether they have inverted it since.
 * @param {WindowSetting | null} shown @param {WindowSetting | null} usual
 */
export function shownWindow(shown, usual) {
  if (!shown) return { window: null, toggled: false };
  const isUsual = usual && usual.center === shown.center && usual.width === shown.width && usual.function === shown.function;
  return { window: isUsual ? null : shown, toggled: shown.invert !== (usual?.invert ?? false) };
}

/** How many of the shown unit are one of the stored. @param {Volume} volume @param {ViewerState} state */
export function factorOf(volume, state) {
  return state.unit === 'suv' && volume.Suv && 'Factor' in volume.Suv ? volume.Suv.Factor : 1;
}
