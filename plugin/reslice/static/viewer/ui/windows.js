/** Windows to choose from, and how they follow the unit of the values. */

import { scaledWindow } from '../geometry/voi.js';
import { askJson, ask } from '../net/server.js';
import { settingOf, volumeOf } from '../state/view.js';

/**
 * @typedef {import('../types.js').ViewerState} ViewerState
 * @typedef {import('../types.js').WindowSetting} WindowSetting
 * @typedef {import('../types.js').Volume} Volume
 * @typedef {{name: string, window: WindowSetting | null}} Choice a window with a name; null: the server is asked for it
 */

/** What the number keys 1 to 7 choose of CT. */
export const NUMBERED = ['soft-tissue', 'lung', 'bone', 'brain', 'mediastinum', 'liver', 'angio'];

/** Presets that come from the files: they are in the unit of the files. */
const OF_FILES = /^(dicom|voi-lut)/;
const TINY = { format: 'jpeg', width: '32', height: '32' };

/** The factor from stored values to those shown. @param {ViewerState} state */
export function factorOf(state) {
  const suv = volumeOf(state)?.Suv;
  return state.unit === 'suv' && suv && 'Factor' in suv ? suv.Factor : 1;
}

/**
 * The unit of the values shown; null where the volume doesn't tell, or there is none.
 * @param {ViewerState} state
 */
export function unitOf(state) {
  const volume = volumeOf(state);
  if (!volume) return null;
  return state.unit === 'suv' && volume.Suv && 'Unit' in volume.Suv ? volume.Suv.Unit : volume.Unit;
}

/** The named windows of what is shown, in its unit. @param {ViewerState} state @returns {Choice[]} */
export function choicesOf(state) {
  const volume = volumeOf(state);
  if (!volume) return state.held?.Modality === 'CT' ? NUMBERED.map((name) => ({ name, window: null })) : [];
  const [unit, factor] = [unitOf(state), factorOf(state)];
  return volume.Presets.filter((preset) => preset.Unit === undefined || preset.Unit === unit).map((preset) => {
    const window = settingOf({ ...preset, Invert: false });
    return { name: preset.Name, window: OF_FILES.test(preset.Name) ? scaledWindow(window, factor) : window };
  });
}

/** What a number key (1 to 7) chooses: of CT by name, else in the order of the list. @param {ViewerState} state @param {number} digit */
export function numberedChoice(state, digit) {
  const choices = choicesOf(state);
  const isNamed = choices.some((choice) => NUMBERED.includes(choice.name));
  return (isNamed ? choices.find((choice) => choice.name === NUMBERED[digit - 1]) : choices[digit - 1]) ?? null;
}

/** The key that chooses a window, or null. @param {ViewerState} state @param {string} name */
export function digitOf(state, name) {
  for (let digit = 1; digit <= NUMBERED.length; digit += 1) {
    if (numberedChoice(state, digit)?.name === name) return digit;
  }
  return null;
}

/** The window that is in use, as far as the state tells; null: only the server knows. @param {ViewerState} state */
export function knownWindow(state) {
  if (state.window) return state.window;
  const facts = volumeOf(state)?.Window;
  return facts ? scaledWindow(settingOf(facts), factorOf(state)) : null;
}

/**
 * The server's window of what is shown, or that of a preset: told by a small picture. Throws Refused.
 * @param {ViewerState} state @param {readonly import('../types.js').Frame[]} frames of the stack @param {string} [preset]
 * @returns {Promise<WindowSetting>}
 */
export async function askWindow(state, frames, preset) {
  const series = `series/${encodeURIComponent(state.series ?? '')}`;
  /** @type {Record<string, string>} */
  const named = preset ? { preset } : {};
  const answer = state.volume === null
    ? await ask(String(frames[Math.min(state.frame, frames.length - 1)]?.Url).replace(/^\//, ''), { ...TINY, ...named })
    : await ask(`${series}/mpr/axial`, { ...TINY, ...named, volume: String(state.volume), unit: state.unit });
  const told = answer.headers.get('Reslice-Window');
  if (!told) throw new Error('window-of-colours');
  return settingOf(JSON.parse(told));
}

/** The version of the server's plugin. Throws Refused. @returns {Promise<string>} */
export async function askVersion() {
  return String((await askJson('reslice')).Version);
}

/** At most six digits, as people read numbers. @param {number} value */
export function shortNumber(value) {
  return String(Number(value.toPrecision(6)));
}
