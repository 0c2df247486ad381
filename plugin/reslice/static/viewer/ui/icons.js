/** Line icons of 20 by 20 pixels, drawn here: paths, and circles as `cx cy r`. */

const SVG = 'http://www.w3.org/2000/svg';

/** @type {Readonly<Record<string, {lines: string, dots?: readonly (readonly [number, number, number])[], solid?: string}>>} */
const DRAWINGS = {
  window: { lines: 'M10 3a7 7 0 1 0 0 14a7 7 0 1 0 0-14z', solid: 'M10 3a7 7 0 0 1 0 14z' },
  zoom: { lines: 'M8.5 3.5a5 5 0 1 0 0 10a5 5 0 1 0 0-10zM12.2 12.2L17 17M6.2 8.5h4.6M8.5 6.2v4.6' },
  pan: { lines: 'M10 2.5v15M2.5 10h15M7.8 4.7L10 2.5l2.2 2.2M7.8 15.3l2.2 2.2 2.2-2.2M4.7 7.8L2.5 10l2.2 2.2M15.3 7.8l2.2 2.2-2.2 2.2' },
  crosshair: { lines: 'M10 2v5.5M10 12.5V18M2 10h5.5M12.5 10H18', dots: [[10, 10, 0.9]] },
  length: { lines: 'M4 16L16 4M2.5 14.5l3 3M14.5 2.5l3 3M8.2 9.8l1.4 1.4M11 7l1.4 1.4' },
  angle: { lines: 'M15.5 3.5L4 16h13.5M8.3 11.4a6 6 0 0 1 2 4.6' },
  cobb: { lines: 'M3 6.5L15 3.5M3 14l13 2.5M15 3.5l2.5-.6M13 6.3v8' },
  ellipse: { lines: 'M10 5c4.4 0 8 2.2 8 5s-3.6 5-8 5-8-2.2-8-5 3.6-5 8-5z' },
  rectangle: { lines: 'M3 5h14v10H3z' },
  polygon: { lines: 'M4.5 7L11 3l6 5.5-2.8 7.5L6 15.5z', dots: [[4.5, 7, 1.1], [11, 3, 1.1], [17, 8.5, 1.1], [14.2, 16, 1.1], [6, 15.5, 1.1]] },
  probe: { lines: 'M10 17.5c-3.5-4-5-6.3-5-8.5a5 5 0 0 1 10 0c0 2.2-1.5 4.5-5 8.5z', dots: [[10, 9, 1.5]] },
  volume: { lines: 'M10 2.5l6.5 3.7v7.6L10 17.5l-6.5-3.7V6.2zM3.5 6.2L10 10l6.5-3.8M10 10v7.5' },
  invert: { lines: 'M3 3h14v14H3z', solid: 'M3 17L17 3v14z' },
  play: { lines: 'M6 3.5l10 6.5-10 6.5z', solid: 'M6 3.5l10 6.5-10 6.5z' },
  pause: { lines: 'M6.5 4v12M13.5 4v12' },
  loop: { lines: 'M4 9a6 6 0 0 1 10.5-3.5L16 7M16 3v4h-4M16 11a6 6 0 0 1-10.5 3.5L4 13M4 17v-4h4' },
  swing: { lines: 'M2.5 10h15M5.5 7l-3 3 3 3M14.5 7l3 3-3 3' },
  maximise: { lines: 'M3 8V3h5M12 3h5v5M17 12v5h-5M8 17H3v-5' },
  grid: { lines: 'M3 3h14v14H3zM10 3v14M3 10h14' },
  slices: { lines: 'M3 8.5L14 3.5l3 2.5L6 11zM3 12l3 2.5 11-5M3 15l3 2.5 11-5' },
  reset: { lines: 'M4 10a6 6 0 1 0 2-4.5L4 7.5M4 3.5v4h4' },
  picture: { lines: 'M7 5l1.2-2h3.6L13 5h4v11.5H3V5zM10 8a3 3 0 1 0 0 6a3 3 0 1 0 0-6z' },
  link: { lines: 'M8.5 11.5l3-3M9 6.5l2.3-2.3a3.2 3.2 0 0 1 4.5 4.5L13.5 11M11 13.5l-2.3 2.3a3.2 3.2 0 0 1-4.5-4.5L6.5 9' },
  help: { lines: 'M10 2.5a7.5 7.5 0 1 0 0 15a7.5 7.5 0 1 0 0-15zM7.8 8a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.8', dots: [[10, 14, 0.7]] },
};

/** @param {string} name @returns {SVGSVGElement} */
export function icon(name) {
  const { lines, dots = [], solid } = DRAWINGS[name];
  const picture = shape('svg', { viewBox: '0 0 20 20', width: '20', height: '20', class: 'icon', 'aria-hidden': 'true' });
  if (solid) picture.append(shape('path', { d: solid, class: 'solid' }));
  picture.append(shape('path', { d: lines }));
  picture.append(...dots.map(([cx, cy, r]) => shape('circle', { cx: String(cx), cy: String(cy), r: String(r), class: 'solid' })));
  return picture;
}

/**
 * @template {keyof SVGElementTagNameMap} N
 * @param {N} name @param {Readonly<Record<string, string>>} attributes @returns {SVGElementTagNameMap[N]}
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}
