// Prints what OHIF's viewer makes of a structured report: node hydrate.mjs REPORT.dcm IMAGES.json
// IMAGES.json is the list that images.mjs describes. The answer, as JSON on standard output:
// {"Measurements": [{"Tool", "Points": [[x, y, z], ...], "Polyline": [[x, y, z], ...] or null, "Closed": bool or null,
//   "Label", "Finding": {"Scheme", "Code", "Meaning"} or null, "Sites": [...], "TrackingUniqueIdentifier",
//   "SOPInstanceUID" (null for one in 3-D), "FrameNumber", "FrameOfReferenceUID", "Statistics": {...}}, ...],
//  "Warnings": [text, ...]}
// A group that OHIF can't take is missing among the measurements, and its reason stands in the warnings.
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { dcmjs, MeasurementReport, metaData, warnings } from './cornerstone.mjs';
import { introduce, readJson } from './images.mjs';

function readReport(path) {
  const bytes = readFileSync(path);
  const file = dcmjs.data.DicomMessage.readFile(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const report = dcmjs.data.DicomMetaDictionary.naturalizeDataset(file.dict);
  report._meta = dcmjs.data.DicomMetaDictionary.namifyDataset(file.meta);
  return report;
}

function code(found) {
  const item = found?.[0] ?? found;
  return item ? { Scheme: item.CodingSchemeDesignator, Code: item.CodeValue, Meaning: item.CodeMeaning } : null;
}

function measurement(tool, state) {
  const { data, metadata } = state.annotation;
  return {
    Tool: tool,
    Points: data.handles?.points ?? [],
    Polyline: data.contour?.polyline ?? null,
    Closed: data.contour?.closed ?? null,
    Label: data.label ?? null,
    Finding: code(state.finding),
    Sites: (state.findingSites ?? []).map(code),
    TrackingUniqueIdentifier: state.TrackingUniqueIdentifier ?? null,
    SOPInstanceUID: state.sopInstanceUid ?? null,
    FrameNumber: data.frameNumber ?? null,
    FrameOfReferenceUID: metadata.FrameOfReferenceUID ?? null,
    Statistics: Object.values(data.cachedStats ?? {})[0] ?? {},
  };
}

const [reportPath, imagesPath] = process.argv.slice(2);
const names = introduce(readJson(imagesPath));
const states = MeasurementReport.generateToolState(readReport(reportPath), names, metaData);
const found = Object.entries(states).flatMap(([tool, list]) => list.map(state => measurement(tool, state)));
process.stdout.write(`${JSON.stringify({ Measurements: found, Warnings: warnings }, null, 1)}\n`);
