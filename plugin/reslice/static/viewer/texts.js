/** Everything that people read on this page, in English. Another language is another file of the same shape. */

export const TEXTS = {
  panes: {
    axial: 'Axial',
    coronal: 'Coronal',
    sagittal: 'Sagittal',
    stack: 'Images',
    volume: '3-D',
  },
  volume: {
    averaged: (/** @type {string} */ factors) => `Voxels averaged ${factors}`,
    byServer: 'Rendered by the server',
    coarse: 'No finer picture',
    from: (/** @type {string} */ side) => `Seen from ${side}`,
    help: 'Drag or arrow keys turn, + and - zoom, R resets',
    loading: 'The volume is being loaded',
    look: 'How the volume looks',
    looks: {
      body: 'Shaded',
      bone: 'Bone',
      lung: 'Lung',
      mip: 'MIP',
      mipInverted: 'MIP, inverted',
      softTissue: 'Soft tissue',
      tissue: 'Tissue',
      uptake: 'Hot',
      vessels: 'Vessels',
    },
    pane: 'three-dimensional picture',
    side: { A: 'the front', F: 'the feet', H: 'the head', L: 'the left', P: 'the back', R: 'the right' },
    sides: 'Seen from',
    suv: 'SUV by body weight',
    turned: (/** @type {number} */ azimuth, /** @type {number} */ elevation) => `Turned ${azimuth}°, tilted ${elevation}°`,
    unreadable: 'The volume can\'t be shown in 3-D.',
  },
};
