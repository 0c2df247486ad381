/** A pane as one picture, with what is drawn on it and, on demand, what has to be known of it burnt in. */

import { roundLength } from '../geometry/view.js';
import { along } from '../geometry/vectors.js';
import { TEXTS } from '../texts.js';
import { day, personName } from '../words.js';
import { askJson } from '../net/server.js';
import { nameOf } from '../net/names.js';
import { drawnOverlay } from './overlay_picture.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('../types.js').Placement} Placement
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {object} Burnt what is burnt in
 * @property {boolean} labels sides, place, window, warnings, scale
 * @property {boolean} patient
 * @property {boolean} [crosshair] where other planes cross
 * @typedef {{context: CanvasRenderingContext2D, width: number, height: number}} Paper in CSS pixels of the pane
 */

const FONT = '"DejaVu Sans", "Segoe UI", system-ui, sans-serif';
const LINE = 16;
const MARGIN = 8;
const LONGEST_BAR = 0.3;
const CROSSHAIR = '.crosshair';
const EDGES = /** @type {const} */ (['left', 'right', 'top', 'bottom']);

/**
 * A PNG. Throws where the pane shows nothing.
 * @param {App} app @param {Pane} pane @param {Burnt} burnt @returns {Promise<Blob>}
 */
export async function keyImage(app, pane, burnt) {
  const patient = burnt.patient ? await patientLines(app) : []; // the picture is that of the moment after
  const picture = pane.snapshot();
  if (!picture || picture.width === 0) throw new Error(TEXTS.ui.keyImage.nothing);
  const size = { width: pane.surface.clientWidth, height: pane.surface.clientHeight };
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (canvas.getContext('2d')));
  context.fillStyle = '#000';
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0);
  const [labels, letters, bar] = [pane.describe(), lettersOf(pane), barOf(pane)];
  const overlay = await drawnOverlay(pane.overlay, size, canvas, burnt.crosshair ? '' : CROSSHAIR);
  context.drawImage(overlay, 0, 0, canvas.width, canvas.height);
  context.scale(canvas.width / size.width, canvas.height / size.height);
  const paper = { context, ...size };
  const lines = [...patient, ...(burnt.labels ? labels : [])];
  writeLines(paper, lines);
  if (burnt.labels) burnIn(paper, letters, bar);
  return canvas.convertToBlob({ type: 'image/png' });
}

/** A name for the file that says nothing of the patient. @param {Pane} pane */
export function fileNameOf(pane) {
  return `reslice-${pane.name}.png`;
}

/** CSS pixels of a mm in a pane; null where nobody can tell. @param {Placement | null} placement @returns {number | null} */
export function pixelsOfMillimetre(placement) {
  if (!placement) return null;
  const { plane, toScreen, directions, space } = placement;
  const apart = (/** @type {readonly number[]} */ from, /** @type {readonly number[]} */ to) => {
    const [a, b] = [toScreen(from), toScreen(to)];
    return Math.hypot(a[0] - b[0], a[1] - b[1]);
  };
  if (space === 'pixel') {
    const spacing = plane.Calibration?.Spacing; // how it is known stands among the lines of the pane
    return spacing ? apart([0, 0], [1, 0]) / spacing[1] : null;
  }
  if (!plane.Position || !directions) return null;
  return apart(plane.Position, along(plane.Position, 1, directions.row));
}

/** @param {Pane} pane @returns {{length: number, pixels: number} | null} */
function barOf(pane) {
  const scale = pixelsOfMillimetre(pane.placement());
  if (!scale) return null;
  const length = roundLength((LONGEST_BAR * pane.surface.clientWidth) / scale);
  return { length, pixels: length * scale };
}

/** The letters at the edges, as the pane shows them. @param {Pane} pane */
function lettersOf(pane) {
  return EDGES.map((edge) => pane.element.querySelector(`.edge.${edge}`)?.textContent?.trim() ?? '');
}

/** @param {App} app @returns {Promise<string[]>} */
async function patientLines(app) {
  const { series, study } = app.store.get();
  const of = series ? await askJson(`series/${encodeURIComponent(series)}`) : null;
  const facts = await askJson(`studies/${encodeURIComponent(of?.ParentStudy ?? study)}`);
  const person = facts.PatientMainDicomTags;
  const name = personName(await nameOf(of?.Instances?.[0], person.PatientName)) || TEXTS.ui.keyImage.noName;
  const words = TEXTS.browse.facts;
  const told = [[words.id, person.PatientID], [words.born, day(person.PatientBirthDate)], [words.date, day(facts.MainDicomTags.StudyDate)]];
  return [name, ...told.filter(([, value]) => value).map(([word, value]) => `${word} ${value}`)];
}

/** @param {Paper} paper @param {readonly string[]} letters left, right, top, bottom @param {ReturnType<typeof barOf>} bar */
function burnIn(paper, letters, bar) {
  const { width, height } = paper;
  const [left, right, top, bottom] = letters;
  write(paper, left, MARGIN, height / 2, 'left', true);
  write(paper, right, width - MARGIN, height / 2, 'right', true);
  write(paper, top, width / 2, MARGIN + LINE / 2, 'center', true);
  write(paper, bottom, width / 2, height - MARGIN - LINE / 2, 'center', true);
  write(paper, TEXTS.ui.keyImage.caution, width - MARGIN, height - MARGIN - LINE / 2, 'right', false);
  if (bar) drawBar(paper, bar);
}

/** @param {Paper} paper @param {readonly string[]} lines */
function writeLines(paper, lines) {
  paper.context.font = `12px ${FONT}`;
  const most = paper.width / 2 - 2 * MARGIN; // the upper letter stands in the middle
  const wrapped = lines.flatMap((line) => wrap(line, most, (text) => paper.context.measureText(text).width));
  wrapped.forEach((line, k) => write(paper, line, MARGIN, MARGIN + LINE / 2 + k * LINE, 'left', false));
}

/**
 * A text in lines that are not wider than so much, broken between words where that is possible.
 * @param {string} text @param {number} most @param {(text: string) => number} widthOf @returns {string[]}
 */
export function wrap(text, most, widthOf) {
  /** @type {string[]} */
  const lines = [];
  for (const word of text.split(/\s+/)) {
    const longer = lines.length > 0 ? `${lines[lines.length - 1]} ${word}` : word;
    if (lines.length > 0 && widthOf(longer) <= most) lines[lines.length - 1] = longer;
    else lines.push(...pieces(word, most, widthOf));
  }
  return lines;
}

/** @param {string} word @param {number} most @param {(text: string) => number} widthOf */
function pieces(word, most, widthOf) {
  const found = [''];
  for (const letter of word) {
    const longer = found[found.length - 1] + letter;
    if (widthOf(longer) <= most || longer === letter) found[found.length - 1] = longer;
    else found.push(letter);
  }
  return found;
}

/** @param {Paper} paper @param {string} text @param {number} x @param {number} y @param {CanvasTextAlign} align @param {boolean} isLarge */
function write({ context }, text, x, y, align, isLarge) {
  context.font = isLarge ? `600 15px ${FONT}` : `12px ${FONT}`;
  context.textAlign = align;
  context.textBaseline = 'middle';
  context.lineJoin = 'round';
  context.lineWidth = 3;
  context.strokeStyle = '#000';
  context.strokeText(text, x, y);
  context.fillStyle = '#fff';
  context.fillText(text, x, y);
}

/** @param {Paper} paper @param {{length: number, pixels: number}} bar */
function drawBar(paper, { length, pixels }) {
  const y = paper.height - MARGIN - LINE / 2;
  for (const [width, colour] of /** @type {[number, string][]} */ ([[4, '#000'], [2, '#fff']])) {
    paper.context.lineWidth = width;
    paper.context.strokeStyle = colour;
    paper.context.beginPath();
    paper.context.moveTo(MARGIN, y - 4);
    paper.context.lineTo(MARGIN, y);
    paper.context.lineTo(MARGIN + pixels, y);
    paper.context.lineTo(MARGIN + pixels, y - 4);
    paper.context.stroke();
  }
  write(paper, TEXTS.ui.keyImage.millimetres.replace('{}', String(Number(length.toPrecision(6)))), MARGIN, y - LINE, 'left', false);
}
