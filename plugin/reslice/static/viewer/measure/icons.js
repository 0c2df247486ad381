/** Small pictures: of what was measured, and of what is done to it. */

import { drawn } from '../panes/frame.js';
import { entryOf } from '../words.js';

const PATHS = /** @type {Readonly<Record<string, string>>} */ ({
  angle: 'M14,3L3,13H15',
  cobb: 'M2,5L14,2M2,11L14,14',
  ellipse: 'M2,8A6,4.5 0 1 1 14,8A6,4.5 0 1 1 2,8Z',
  line: 'M3,13L13,3M1.5,11.5L4.5,14.5M11.5,1.5L14.5,4.5',
  point: 'M8,2V14M2,8H14',
  polygon: 'M8,2L14,7L11,14H4L2,6Z',
  polyline: 'M2,13L6,5L10,10L14,2',
  rectangle: 'M2,4H14V12H2Z',
  redo: 'M11,2L14,5.5L11,9M14,5.5H6.5A4,4 0 0 0 6.5,13.5H10',
  undo: 'M5,2L2,5.5L5,9M2,5.5H9.5A4,4 0 0 1 9.5,13.5H6',
});
const BODY = 'M8,1.5L14,5V11L8,14.5L2,11V5ZM2,5L8,8.5L14,5M8,8.5V14.5';

/** @param {string} name of a tool or a deed */
export function iconOf(name) {
  const icon = drawn('svg', { viewBox: '0 0 16 16', width: 16, height: 16, 'aria-hidden': 'true', class: 'icon' });
  icon.append(drawn('path', { d: entryOf(PATHS, name) ?? BODY, fill: 'none', stroke: 'currentColor', 'stroke-width': 1.5 }));
  return icon;
}
