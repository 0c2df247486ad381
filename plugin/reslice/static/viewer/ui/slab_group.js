/** How thick a slab becomes one picture, and what of it is shown. */

import { volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { group, numberField, tell } from './parts.js';
import { shortNumber } from './windows.js';

/**
 * @typedef {import('./actions.js').Actions} Actions
 * @typedef {import('./toolbar.js').Part} Part
 */

const T = TEXTS.ui.slab;
const PROJECTIONS = /** @type {const} */ (['mip', 'minip', 'mean']);
const THICKEST = 10_000;

/** mm that the slider stops at: small steps where they matter. */
export const STOPS = [0, 1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 25, 30, 40, 50];

/** The stop of the slider nearest to a thickness. @param {number} thickness mm */
export function stopOf(thickness) {
  const off = STOPS.map((stop) => Math.abs(stop - thickness));
  return off.indexOf(Math.min(...off));
}

/** @param {Actions} actions @returns {Part} */
export function slabGroup(actions) {
  const slider = element('input', { type: 'range', min: '0', max: String(STOPS.length - 1), step: '1', 'aria-label': T.slider, title: T.slider });
  const field = numberField(T.thickness, { min: '0', max: String(THICKEST) }, (thickness) => actions.setSlab({ thickness }));
  slider.addEventListener('input', () => actions.setSlab({ thickness: STOPS[Number(slider.value)] }));
  const radios = PROJECTIONS.map((projection) => radio(projection, () => actions.setSlab({ projection })));
  const choice = element('span', { role: 'radiogroup', class: 'choice', 'aria-label': T.projection }, ...radios.map(({ line }) => line));
  return {
    element: group('slab', TEXTS.ui.groups.slab, element('span', { class: 'title', 'aria-hidden': 'true' }, T.title), slider, field, element('span', { 'aria-hidden': 'true' }, 'mm'), choice),
    update: () => {
      const { slab } = actions.state;
      const isVolume = volumeOf(actions.state) !== null;
      slider.disabled = !isVolume;
      field.disabled = !isVolume;
      slider.value = String(stopOf(slab.thickness));
      slider.setAttribute('aria-valuetext', slab.thickness > 0 ? `${shortNumber(slab.thickness)} mm` : T.thin);
      tell(field, shortNumber(slab.thickness));
      choice.title = isVolume && slab.thickness === 0 ? T.needsThickness : '';
      radios.forEach(({ input }, k) => {
        input.disabled = !isVolume || slab.thickness === 0;
        input.checked = slab.projection === PROJECTIONS[k];
      });
    },
  };
}

/** @param {typeof PROJECTIONS[number]} projection @param {() => void} choose */
function radio(projection, choose) {
  const input = element('input', { type: 'radio', name: 'slab-projection', value: projection });
  input.addEventListener('change', () => input.checked && choose());
  return { input, line: element('label', { title: T.projections[projection] }, input, element('span', {}, T.shortProjections[projection])) };
}
