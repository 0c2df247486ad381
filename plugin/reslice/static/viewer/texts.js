/** Everything that people read on this page, in English. Another language is another file of the same shape. */

export const TEXTS = {
  panes: {
    axial: 'Axial',
    coronal: 'Coronal',
    sagittal: 'Sagittal',
    stack: 'Images',
    volume: '3-D',
  },
};
