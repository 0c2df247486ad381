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
  place('facts').replaceChildren(
    ...facts.map(([title, value]) =>
      element('div', { title: `${title}: ${value}` }, element('dt', {}, title), ' ', element('dd', { dir: 'auto' }, value)),
    ),
  );
  document.title = `${name} – ${TEXTS.browse.page}`;
}

/** Nobody's. */
export function clearStudy() {
  place('subject').textContent = '';
  place('subject').removeAttribute('title');
  place('facts').replaceChildren();
  document.title = TEXTS.browse.page;
}

/** The most telling first: where room is short the last ones are cut. @param {import('./study.js').Study} study */
function factsOf({ PatientMainDicomTags: patient, MainDicomTags: tags }) {
  const { facts } = TEXTS.browse;
  return [
    [facts.id, patient.PatientID ?? ''],
    [facts.born, day(patient.PatientBirthDate)],
    [facts.sex, patient.PatientSex ?? ''],
    [facts.study, tags.StudyDescription ?? ''],
    [facts.date, day(tags.StudyDate)],
    [facts.accession, tags.AccessionNumber ?? ''],
  ];
}

/** @param {string} id */
function place(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}
