/** Whose study this is: the line at the top of the page. */

import { TEXTS } from '../texts.js';
import { day, element, personName } from '../words.js';

/**
 * Name the patient and the study; what a file doesn't tell is left out.
 * @param {import('./study.js').Study} study @param {string | null | undefined} patientName as DICOM writes it
 */
export function tellStudy(study, patientName) {
  const name = personName(patientName) || TEXTS.browse.noName;
  const words = TEXTS.browse.facts;
  const facts = factsOf(study).filter(([, value]) => value);
  const subject = place('subject');
  subject.textContent = name;
  subject.title = name;
  place('facts').title = facts.map(([key, value]) => `${words[key]}: ${value}`).join('\n');
  place('facts').replaceChildren(
    ...facts.flatMap(([key, value]) => [
      element('div', { class: key }, element('dt', {}, words[key]), ' ', element('dd', { dir: 'auto' }, value)),
      ' ', // so that they stay apart where they are copied
    ]),
  );
  document.title = `${name} – ${TEXTS.browse.page}`;
}

/** Nobody's. */
export function clearStudy() {
  for (const id of ['subject', 'facts']) {
    place(id).replaceChildren();
    place(id).removeAttribute('title');
  }
  document.title = TEXTS.browse.page;
}

/**
 * The most telling first: where room is short the last ones are cut.
 * @param {import('./study.js').Study} study @returns {[keyof typeof TEXTS.browse.facts, string][]}
 */
function factsOf({ PatientMainDicomTags: patient, MainDicomTags: tags }) {
  return [
    ['id', patient.PatientID ?? ''],
    ['born', day(patient.PatientBirthDate)],
    ['sex', patient.PatientSex ?? ''],
    ['date', day(tags.StudyDate)],
    ['study', tags.StudyDescription ?? ''],
    ['accession', tags.AccessionNumber ?? ''],
  ];
}

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
