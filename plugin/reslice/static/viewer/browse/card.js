/** A study of the work list as a card, which is a link. */

import { TEXTS } from '../texts.js';
import { day, element, mayHavePictures, personName } from '../words.js';
import { noThumbnail, thumbnail } from './thumbnail.js';

/** @param {import('./worklist.js').Listed} study */
export function studyCard(study) {
  const modalities = study.Modalities ?? [];
  const hasPicture = mayHavePictures(modalities.length > 0 ? modalities : ['']);
  const link = element(
    'a',
    { href: `index.html?${new URLSearchParams({ study: study.ID })}` },
    hasPicture ? thumbnail(`studies/${encodeURIComponent(study.ID)}/thumbnail`) : noThumbnail(),
    line('title', personName(study.PatientName) || study.PatientID || TEXTS.browse.noName),
    line('quiet', personOf(study)),
    line('description', study.StudyDescription || TEXTS.browse.noDescription),
    element('span', {}, [day(study.StudyDate) || TEXTS.browse.noDate, modalities.join(', ')].filter(Boolean).join(' · ')),
    element('span', { class: 'quiet' }, TEXTS.browse.holds(study.SeriesCount, study.InstanceCount)),
    ...(study.AccessionNumber ? [line('quiet', `${TEXTS.browse.facts.accession} ${study.AccessionNumber}`)] : []),
  );
  if (study.MeasurementCount > 0) {
    link.append(element('span', { class: 'badges' }, element('span', { class: 'badge' }, TEXTS.browse.measurements(study.MeasurementCount))));
  }
  const card = element('li', {}, link);
  card.dataset.study = study.ID;
  return card;
}

/** What tells people of one name apart. @param {import('./worklist.js').Listed} study */
function personOf(study) {
  return [study.PatientID, day(study.PatientBirthDate), study.PatientSex].filter(Boolean).join(' · ');
}

/** A line of somebody's text, which is cut where it is too long, and whole under the pointer. @param {string} name @param {string} text */
function line(name, text) {
  return element('span', { class: name, dir: 'auto', title: text }, text);
}
