/** What a picture isn't telling, in few words. */

import { TEXTS } from '../texts.js';

/** @typedef {import('../types.js').Warning} Warning */

/** @type {Record<string, (warning: Warning) => string>} */
const SHORT = {
  damaged: () => TEXTS.warnings.damaged,
  'gantry-tilt': (warning) => TEXTS.warnings.tilt(Number(warning.Degrees)),
  'lossy-compression': (warning) => TEXTS.warnings.lossy(typeof warning.Ratio === 'number' ? warning.Ratio : null),
  'missing-slices': () => TEXTS.warnings.missing,
  'no-data': () => TEXTS.warnings.noData,
  'outside-volume': () => TEXTS.warnings.outside,
  'uneven-gaps': () => TEXTS.warnings.uneven,
};

/** @param {Warning} warning */
export function shortWarning(warning) {
  return SHORT[warning.Reason]?.(warning) ?? warning.Details ?? TEXTS.warnings.more;
}
