/** The chosen series: three planes of a volume, or why there are none and its stored images. */

import { Pane } from './pane.js';
import { askJson } from './net/server.js';
import { counted, edgesOf, element, placeInWords } from './words.js';

const PLANES = [['axial', 'Axial', 2], ['coronal', 'Coronal', 1], ['sagittal', 'Sagittal', 0]];
const PICTURE = { format: 'jpeg' };
const LONGER_SIDE = 768;
const NEVER_SLICES = new Set(['CR', 'DX', 'ES', 'GM', 'IO', 'MG', 'OP', 'PX', 'RF', 'SM', 'US', 'XA', 'XC']);

/** Fills the stage with one series after the other. */
export class Stage {
  constructor(place) {
    this.place = place;
    this.panes = [];
    this.visit = 0;
  }

  /** Take away what is there. */
  clear() {
    this.visit += 1;
    this.panes.forEach((pane) => pane.end());
    this.panes = [];
    this.place.replaceChildren();
  }

  /** Show a series: what `/series/{id}/volumes` tells of it. */
  async show(title, held) {
    this.clear();
    this.place.append(element('h2', { dir: 'auto' }, title));
    if (held.Volumes.length > 0) {
      this.#chooser(held);
      this.#planes(held, held.Volumes[0]);
    } else {
      this.place.append(isUsual(held) ? noteOn(held) : refusalOf(held));
      await this.#stored(held);
    }
  }

  #chooser(held) {
    if (held.Volumes.length === 1) return;
    const options = held.Volumes.map((volume, k) => element('option', { value: k }, nameOf(volume, k)));
    const choice = element('select', {}, ...options);
    choice.addEventListener('change', () => this.#planes(held, held.Volumes[Number(choice.value)]));
    this.place.append(element('p', {}, element('label', {}, 'Volume ', choice)));
  }

  #planes(held, volume) {
    this.panes.forEach((pane) => pane.end());
    this.place.querySelectorAll('.panes, .warning').forEach((old) => old.remove());
    for (const warning of volume.Warnings) {
      this.place.append(element('p', { class: 'reason warning' }, warning.Details));
    }
    this.panes = PLANES.map(([name, title, axis]) => new Pane(name, title, planeSource(held.Series, volume, name, axis)));
    this.place.append(element('div', { class: 'panes' }, ...this.panes.map((pane) => pane.element)));
    this.panes.forEach((pane) => pane.show(null));
  }

  async #stored(held) {
    const visit = this.visit;
    if (held.Stacks.length === 0) return;
    const listed = await askJson(`series/${encodeURIComponent(held.Series)}/slices`);
    if (visit !== this.visit || listed.Count === 0) return;
    const pane = new Pane('stored', 'Stored images', storedSource(listed));
    this.panes = [pane];
    this.place.append(element('div', { class: 'panes single' }, pane.element));
    pane.show(0);
  }
}

/** Whether nothing is wrong with a series that is no volume: a radiograph, say, or an ultrasound clip. */
export function isUsual(held) {
  return held.Volumes.length === 0 && held.Stacks.length > 0 && held.Others.length === 0 && NEVER_SLICES.has(held.Modality);
}

function noteOn(held) {
  return element('p', { class: 'quiet' }, `Images of this kind (${held.Modality}) are no slices: shown as they are stored.`);
}

function refusalOf(held) {
  return element('p', { class: 'reason' }, `This series can't be reconstructed. ${whyNot(held)}`);
}

/** The reasons of a series that is no volume, each once. */
export function whyNot(held) {
  const parts = [...held.Stacks, ...held.Others];
  return [...new Set(parts.map((part) => part.Details))].map((details) => `${details}.`).join(' ');
}

function nameOf(volume, k) {
  return `${k + 1}: ${[volume.Label, volumeInWords(volume)].filter(Boolean).join(', ')}`;
}

/** What a volume is, in few words. */
export function volumeInWords(volume) {
  return `${counted(volume.Shape[0], 'slice')}, ${volume.Orientation}`;
}

function planeSource(series, volume, name, axis) {
  const path = `series/${encodeURIComponent(series)}/mpr/${name}`;
  return {
    address: (index) => [path, query(volume, index)],
    told: (headers) => {
      const plane = JSON.parse(headers.get('Reslice-Plane'));
      const position = placeInWords(plane.Position[axis], axis);
      return { index: plane.Index, count: plane.Count, position, edges: edgesOf(plane) };
    },
  };
}

function query(volume, index) {
  const extent = Math.max(...volume.Shape.map((count, k) => (count * volume.Spacing[k]) / Math.min(...volume.Spacing)));
  const asked = { ...PICTURE, volume: volume.Index };
  if (index !== null) asked.index = index;
  if (extent > LONGER_SIDE) Object.assign(asked, { width: LONGER_SIDE, height: LONGER_SIDE });
  return asked;
}

function storedSource(listed) {
  const frames = listed.Slices;
  return {
    address: (index) => [frames[index].Url.replace(/^\//, ''), PICTURE],
    told: (headers, index) => ({
      index,
      count: listed.Count,
      position: frames[index].Labels ? '' : 'orientation unknown',
      edges: frames[index].Labels ?? {},
    }),
  };
}
