/**
 * A study as it is opened, in as few round trips as can be: what is to be seen first doesn't wait for the rest.
 *
 * Of `?series=` that series is asked for at once, beside everything else. Of `?study=` the list of its series decides, which
 * Orthanc's index answers without reading a file: see `likeliest`. They are asked one by one until one holds a volume;
 * where none does, the first with images is opened. What all series hold, which can mean thousands of headers to
 * read, is asked for when what comes first has been answered, so that it isn't in its way.
 */

import { nameOf } from '../net/names.js';
import { askJson } from '../net/server.js';
import { byNumber, hasPictures, likeliest, maySlice } from './held.js';

/**
 * @typedef {import('../types.js').Held} Held
 * @typedef {import('./held.js').Tags} Tags
 * @typedef {{ID: string, ParentPatient: string, MainDicomTags: Tags, PatientMainDicomTags: Tags}} Study as Orthanc tells it
 * @typedef {{ID: string, Instances: readonly string[], MainDicomTags: Tags}} Series
 *
 * @typedef {object} Known
 * @property {string} id
 * @property {Study} study
 * @property {Map<string, Tags>} series by identifier, in the order of their numbers
 *
 * @typedef {object} Reading all of them reject with Refused
 * @property {Promise<Known>} known
 * @property {Promise<string>} name the patient's, as `personName` takes it
 * @property {Promise<Held | null>} first the asked series, or what is best opened first; null: the study has no pictures
 * @property {Promise<readonly Held[]>} held of every series, in the order of their numbers
 */

/**
 * Begin to read a study.
 * @param {{study?: string | null, series?: string | null}} asked one of them; `series` counts where both are given
 * @param {() => Promise<void>} [calm] what comes first is on the screen: the rest may be read
 * @returns {Reading}
 */
export function readStudy({ study, series }, calm = () => Promise.resolve()) {
  const asked = series ? heldOf(series) : null;
  const id = series ? parentOf(series) : Promise.resolve(String(study));
  const listed = id.then(readIndex);
  const known = listed.then(({ study: read, series: all }) => ({
    id: read.ID,
    study: read,
    series: new Map(all.map((one) => [one.ID, one.MainDicomTags])),
  }));
  const name = listed.then(nameIn);
  const first = asked ?? listed.then(({ series: all }) => firstOf(all));
  const held = Promise.all([known, first.catch(() => null)]).then(async ([{ id: read }]) => {
    await calm();
    return heldInStudy(read);
  });
  for (const promise of [known, name, first, held]) promise.catch(() => {}); // whoever waits for it hears of it
  return { known, name, first, held };
}

/** @param {string} series @returns {Promise<Held>} */
function heldOf(series) {
  return askJson(`series/${encodeURIComponent(series)}/volumes`);
}

/** @param {string} study @returns {Promise<readonly Held[]>} */
async function heldInStudy(study) {
  return (await askJson(`studies/${encodeURIComponent(study)}/volumes`)).Series;
}

/** @param {string} series @returns {Promise<string>} */
async function parentOf(series) {
  return (await askJson(`series/${encodeURIComponent(series)}`)).ParentStudy;
}

/** @param {string} id @returns {Promise<{study: Study, series: Series[]}>} */
async function readIndex(id) {
  const path = `studies/${encodeURIComponent(id)}`;
  const [study, series] = await Promise.all([askJson(path), askJson(`${path}/series`, { expand: '' })]);
  return { study, series: byNumber(series) };
}

/** @param {{study: Study, series: readonly Series[]}} read */
async function nameIn({ study, series }) {
  return (await nameOf(series[0]?.Instances[0], study.PatientMainDicomTags.PatientName)) ?? '';
}

/** @param {readonly Series[]} all @returns {Promise<Held | null>} */
async function firstOf(all) {
  /** @type {Held | null} */
  let fallback = null;
  for (const series of likeliest(all)) {
    if (fallback && !maySlice(series)) break;
    const held = await heldOf(series.ID).catch(() => null); // gone meanwhile, or not for this reader: there may be others
    if (held && held.Volumes.length > 0) return held;
    if (held && hasPictures(held)) fallback ??= held;
  }
  return fallback;
}
