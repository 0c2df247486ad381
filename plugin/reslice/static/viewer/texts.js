/** Everything that people read on this page, in English. Another language is another file of the same shape. */

/** A number of things in words. @param {number} count @param {string} one @param {string} [many] */
const counted = (count, one, many = `${one}s`) => `${count.toLocaleString('en')} ${count === 1 ? one : many}`;

export const TEXTS = {
  browse: {
    again: 'Try again',
    anyModality: 'Any',
    busy: (/** @type {number | null} */ left) =>
      `The server is still reading its studies${left === null ? '' : `, ${left.toLocaleString('en')} are left`} …`,
    clear: 'Show all studies',
    collapse: 'Hide the series',
    datesReversed: 'The first day is after the last one.',
    empty: 'Nothing in this series can be shown.',
    expand: 'Show the series',
    facts: { accession: 'Accession', born: 'Born', date: 'Date', id: 'ID', sex: 'Sex', study: 'Study' },
    files: (/** @type {number} */ count) => counted(count, 'file'),
    from: 'From',
    holds: (/** @type {number} */ series, /** @type {number} */ images) =>
      `${counted(series, 'series', 'series')}, ${counted(images, 'image')}`,
    listed: (/** @type {number} */ shown, /** @type {number} */ whole) =>
      shown === whole ? counted(whole, 'study', 'studies') : `${shown.toLocaleString('en')} of ${counted(whole, 'study', 'studies')}`,
    measurements: (/** @type {number} */ count) => counted(count, 'measurement'),
    modality: 'Modality',
    more: 'More studies',
    noDate: 'No date',
    noDescription: 'No description',
    noImage: 'No image',
    noName: 'No name',
    noNumber: 'Series without a number',
    none: 'There are no studies yet.',
    noneFits: 'No study fits. ',
    number: (/** @type {string | number} */ number) => `Series ${number}`,
    order: 'Order',
    orders: {
      '-last-update': 'Changed last',
      '-study-date': 'Newest first',
      'accession-number': 'Accession number',
      'patient-id': 'Patient ID',
      'patient-name': 'Patient name',
      'study-date': 'Oldest first',
      'study-description': 'Description',
    },
    otherStudies: 'Other studies of this patient',
    page: 'Reslice',
    reading: 'Reading …',
    rest: (/** @type {number} */ count) => `${counted(count, 'image')} beside`,
    search: 'Search',
    searchHint: 'Name, ID, accession or description',
    searchStudies: 'Search the studies',
    seriesCount: (/** @type {number} */ count) => counted(count, 'series', 'series'),
    slices: (/** @type {number} */ count, /** @type {string} */ orientation) => `${counted(count, 'slice')}, ${orientation}`,
    to: 'To',
    volume: (/** @type {number} */ number) => `Volume ${number}`,
    warnings: (/** @type {number} */ count) => counted(count, 'warning'),
  },
  panes: {
    axial: 'Axial',
    coronal: 'Coronal',
    sagittal: 'Sagittal',
    stack: 'Images',
    volume: '3-D',
  },
};
