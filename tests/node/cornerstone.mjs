// Loads OHIF's adapters into a Node without a browser. Whoever imports this has its standard output for itself.
import { register } from 'node:module';

// The adapters talk a lot, and bind the console while they load. What they warn of is kept, shortened.
export const warnings = [];
console.log = () => {};
console.warn = (text, ...details) => warnings.push(String(details.find(detail => detail instanceof Error) ?? text));
register('./modules.mjs', import.meta.url);

export const { default: dcmjs } = await import('dcmjs');
export const { metaData } = await import('@cornerstonejs/core');
const { Cornerstone3DSR } = await import('@cornerstonejs/adapters/cornerstone3D');
export const { MeasurementReport } = Cornerstone3DSR;
