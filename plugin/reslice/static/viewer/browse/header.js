/** Whose study this is: the line at the top of the page. */

import { TEXTS } from '../texts.js';
import { day, element, personName } from '../words.js';

/**
 * Name the patient and the study; what a file doesn't tell is left out.
 * @param {import('./study.js').Study} study @param {string | null | undefined} patientName as DICOM writes it
 */
export function tellStudy(study, patientName) {
  const name = personName(patientName) || TEXTS.browse.noName;
  const facts = factsOf(study).filter(([, value]) => value);
  const subject = place('subject');
  subject.textContent = name;
  subject.title = name;
  place('facts').title = facts.map(([title, value]) => `${title}: ${value}`).join('\n');
  place('facts').replaceChildren(
    ...facts.map(([title, value]) => element('div', {}, element('dt', {}, title), ' ', element('dd', { dir: 'auto' }, value))),
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

/** The most telling first: where room is short the last ones are cut. @param {import('./study.js').Study} study */
function factsOf({ PatientMainDicomTags: patient, MainDicomTags: tags }) {
  const { facts } = TEXTS.browse;
  return [
    [facts.id, patient.PatientID ?? ''],
    [facts.born, day(patient.PatientBirthDate)],
    [facts.sex, patient.PatientSex ?? ''],
    [facts.date, day(tags.StudyDate)],
    [facts.study, tags.StudyDescription ?? ''],
    [facts.accession, tags.AccessionNumber ?? ''],
  ];
}

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
