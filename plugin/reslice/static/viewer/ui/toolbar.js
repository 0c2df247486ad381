/** The bar above the panes: tools, window, slab, cine, layout and what is taken along. */

import { isOblique, volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { Actions } from './actions.js';
import { TOOLS } from './bindings.js';
import { cineGroup } from './cine_group.js';
import { brief, group, iconButton, press, refuse, relabel } from './parts.js';
import { startRoving } from './roving.js';
import { slabGroup } from './slab_group.js';
import { windowGroup } from './window_group.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {{element: HTMLElement, update: () => void}} Part
 */

const T = TEXTS.ui;

/**
 * Fill a place with the toolbar; the answer is what keys do too (`startKeys`).
 * @param {App} app @param {HTMLElement} place @returns {Actions}
 */
export function startToolbar(app, place) {
  const actions = new Actions(app);
  const parts = [toolGroup, windowGroup, slabGroup, cineGroup, layoutGroup, pictureGroup].map((make) => make(actions));
  place.setAttribute('role', 'toolbar');
  place.setAttribute('aria-label', T.toolbar);
  place.classList.add('toolbar');
  place.replaceChildren(...parts.map((part) => part.element));
  const rove = startRoving(place, () => actions.giveBack());
  const update = () => {
    parts.forEach((part) => part.update());
    rove();
  };
  app.store.subscribe(update);
  app.onPanes(() => {
    update();
    for (const pane of app.panes()) if (pane.name === 'stack') pane.onChange(update); // each image has its own window
  });
  actions.onFrames = update;
  place.addEventListener('refused', (event) => event.target instanceof HTMLElement && brief(app, event.target.title));
  queueMicrotask(update); // modules that start after this one add tools
  update();
  return actions;
}

/** @param {Actions} actions @returns {Part} */
function toolGroup(actions) {
  const buttons = TOOLS.map(([name, key]) => iconButton(name, T.tools[name], key.toUpperCase(), () => actions.choose(name)));
  return {
    element: group('tools', T.groups.tools, ...buttons),
    update: () =>
      TOOLS.forEach(([name], k) => {
        press(buttons[k], actions.state.tool === name);
        refuse(buttons[k], actions.state.series ? actions.whyNot(name) : T.refused.closed);
      }),
  };
}

/** @param {Actions} actions @returns {Part} */
function layoutGroup(actions) {
  const maximise = iconButton('maximise', T.layout.maximise, 'M', () => actions.maximise());
  const slices = iconButton('slices', T.layout.slices, 'S', () => actions.alongSlices());
  const reset = iconButton('reset', T.layout.reset, 'R', () => actions.reset());
  return {
    element: group('layout', T.groups.layout, maximise, slices, reset),
    update: () => {
      const isOne = actions.state.maximised !== null;
      relabel(maximise, isOne ? 'grid' : 'maximise', isOne ? T.layout.grid : T.layout.maximise, 'M');
      const volume = volumeOf(actions.state);
      refuse(maximise, volume ? '' : T.refused.single);
      const isTurned = volume !== null && isOblique(volume);
      relabel(slices, 'slices', isTurned ? T.layout.oblique : T.layout.slices, 'S');
      slices.classList.toggle('wanted', isTurned);
      refuse(slices, volume ? '' : T.refused.single);
      refuse(reset, actions.state.series ? '' : T.refused.closed);
    },
  };
}

/** @param {Actions} actions @returns {Part} */
function pictureGroup(actions) {
  const picture = iconButton('picture', T.keyImage.title, '', () => actions.keyImage());
  const link = iconButton('link', T.link.title, '', () => actions.copyLink());
  const help = iconButton('help', T.help.title, '?', () => actions.help.toggle());
  return {
    element: group('picture', T.groups.picture, picture, link, help),
    update: () => [picture, link].forEach((button) => refuse(button, actions.state.series ? '' : T.refused.closed)),
  };
}
