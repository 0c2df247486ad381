/** Cine: play and pause, how fast, round and round or to and fro. */

import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { group, iconButton, numberField, refuse, relabel, tell } from './parts.js';

/**
 * @typedef {import('./actions.js').Actions} Actions
 * @typedef {import('./toolbar.js').Part} Part
 */

const T = TEXTS.ui.cine;
const TELL_EVERY = 300;

/** @param {Actions} actions @returns {Part} */
export function cineGroup(actions) {
  const { cine } = actions;
  const play = iconButton('play', T.play, 'P', () => cine.toggle());
  const rate = numberField(T.rate, {}, (value) => cine.rates.choose(value)); // without limits of its own: beyond them is the limit
  const way = iconButton('loop', T.loop, '', () => {
    cine.way = cine.way === 'loop' ? 'swing' : 'loop';
    update();
  });
  const truth = element('output', { class: 'rate', title: T.trueRate });
  cine.onRate = toldNowAndThen(truth);
  const update = () => {
    const { playing, series } = actions.state;
    relabel(play, playing ? 'pause' : 'play', playing ? T.pause : T.play, 'P');
    refuse(play, playing || cine.isPossible ? '' : T.nothing);
    relabel(way, cine.way, T[cine.way], '');
    rate.disabled = series === null;
    tell(rate, String(actions.state.rate));
    if (!playing) truth.value = '';
  };
  return { element: group('cine', TEXTS.ui.groups.cine, play, rate, element('span', { 'aria-hidden': 'true' }, T.perSecond), way, truth), update };
}

/** Numbers that change with every picture can't be read. @param {HTMLOutputElement} truth */
function toldNowAndThen(truth) {
  let told = 0;
  return (/** @type {number} */ rate) => {
    const now = performance.now();
    if (rate > 0 && now - told < TELL_EVERY) return;
    told = now;
    truth.value = rate > 0 ? T.truly.replace('{}', rate.toFixed(rate < 10 ? 1 : 0)) : '';
  };
}
