/** The work list, asked page by page. */

import { addressOf, ask } from '../net/server.js';

/**
 * @typedef {object} Listed a study of the work list; what a file doesn't tell is an empty text
 * @property {string} ID
 * @property {string} PatientID
 * @property {string} PatientName
 * @property {string} PatientBirthDate
 * @property {string} PatientSex
 * @property {string} StudyDate
 * @property {string} StudyDescription
 * @property {string} AccessionNumber
 * @property {readonly string[]} Modalities
 * @property {number} SeriesCount
 * @property {number} InstanceCount
 * @property {number} MeasurementCount
 *
 * @typedef {{Count: number, Since: number, Studies: readonly Listed[]}} Page
 */

const BUSY = 503;
const LONGEST_PAUSE_SECONDS = 5;

/**
 * A page of studies. While the server is still reading them it is asked again, as long as somebody waits. Throws Refused.
 * @param {URLSearchParams} query @param {AbortSignal} signal @param {(left: number | null) => void} busy told how many aren't read yet
 * @returns {Promise<Page>}
 */
export async function askStudies(query, signal, busy) {
  for (;;) {
    const answer = await fetch(addressOf('reslice/studies', query), { signal }).catch((error) => {
      if (error.name === 'AbortError') throw error;
      return null;
    });
    if (answer?.ok) return answer.json();
    if (answer?.status !== BUSY) return (await ask('reslice/studies', query, { signal })).json(); // it knows the words for it
    const told = await answer.json().catch(() => ({}));
    busy(Number.isInteger(told.StudiesLeft) ? told.StudiesLeft : null);
    await pause(Math.min(Number(answer.headers.get('Retry-After')) || 1, LONGEST_PAUSE_SECONDS), signal);
  }
}

/** @param {number} seconds @param {AbortSignal} signal @returns {Promise<void>} */
function pause(seconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
