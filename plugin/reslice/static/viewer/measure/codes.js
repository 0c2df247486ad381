/** Findings and sites that are asked for often: SNOMED CT concepts, as DICOM's context groups for radiology have them. */

/** @typedef {import('./types.js').Code} Code */

/** @param {string} code @param {string} meaning @returns {Code} */
function concept(code, meaning) {
  return { Scheme: 'SCT', Code: code, Meaning: meaning };
}

/** @type {readonly Code[]} */
export const FINDINGS = [
  concept('4147007', 'Mass'),
  concept('27925004', 'Nodule'),
  concept('52988006', 'Lesion'),
  concept('441457006', 'Cyst'),
  concept('108369006', 'Neoplasm'),
  concept('85659009', 'Aneurysm'),
  concept('415582006', 'Stenosis'),
  concept('50960005', 'Hemorrhage'),
  concept('72704001', 'Fracture'),
  concept('30746006', 'Lymphadenopathy'),
];

/** @type {readonly Code[]} */
export const SITES = [
  concept('12738006', 'Brain'),
  concept('39607008', 'Lung'),
  concept('80891009', 'Heart'),
  concept('15825003', 'Aorta'),
  concept('10200004', 'Liver'),
  concept('64033007', 'Kidney'),
  concept('15776009', 'Pancreas'),
  concept('78961009', 'Spleen'),
  concept('421060004', 'Vertebral column'),
  concept('59441001', 'Lymph node'),
];

/** @param {Code | undefined} a @param {Code} b */
export function isSameCode(a, b) {
  return a !== undefined && a.Scheme === b.Scheme && a.Code === b.Code;
}
