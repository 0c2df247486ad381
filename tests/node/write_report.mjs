// Writes a structured report as OHIF's viewer does: node write_report.mjs TASK.json REPORT.dcm
// TASK.json: {"Images": the list that images.mjs describes,
//   "Series": {"SeriesDescription", "SeriesNumber", ...},
//   "Measurements": [{"Tool", "SOPInstanceUID", "FrameNumber" (default 1), "Points": [[x, y, z], ...] (its handles),
//     "Label", "LabelAs": "comment" (default) or "site" (as OHIF wrote it before 3.10),
//     "Finding": {"Scheme", "Code", "Meaning"}, "Sites": [...], "Statistics": {"length": 12.3, "unit": "mm", ...}}]}
// Tools: Length, Angle, CobbAngle, PlanarFreehandROI, RectangleROI, EllipticalROI, Probe, and others of the adapters.
// PlanarFreehandROI takes its points as a closed outline, unless "Closed" is false.
import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { dcmjs, MeasurementReport, metaData } from './cornerstone.mjs';
import { introduce, nameOf, readJson } from './images.mjs';

function code(item) {
  return { CodingSchemeDesignator: item.Scheme, CodeValue: item.Code, CodeMeaning: item.Meaning };
}

function sites(task) {
  const label = { Scheme: 'CORNERSTONEJS', Code: 'CORNERSTONEFREETEXT', Meaning: task.Label };
  return [...(task.Label ? [label] : []), ...(task.Sites ?? [])].map(code);
}

function annotation(task, images) {
  const name = nameOf(task.SOPInstanceUID, task.FrameNumber);
  const image = images.find(one => nameOf(one.SOPInstanceUID, one.FrameNumber) === name);
  const outline = task.Tool === 'PlanarFreehandROI';
  return {
    annotationUID: dcmjs.data.DicomMetaDictionary.uid(),
    metadata: { toolName: task.Tool, referencedImageId: name, FrameOfReferenceUID: image.FrameOfReferenceUID },
    data: {
      label: task.LabelAs === 'site' ? '' : task.Label,
      handles: { points: outline ? [] : task.Points, textBox: { hasMoved: false } },
      contour: outline ? { polyline: task.Points, closed: task.Closed !== false } : undefined,
      cachedStats: { [`imageId:${name}`]: task.Statistics ?? {} },
    },
    finding: task.Finding && code(task.Finding),
    findingSites: sites(task),
  };
}

// {image: {tool: {data: [annotation, ...]}}}
function toolState({ Measurements: tasks, Images: images }) {
  const state = {};
  for (const task of tasks) {
    const tools = (state[nameOf(task.SOPInstanceUID, task.FrameNumber)] ??= {});
    (tools[task.Tool] ??= { data: [] }).data.push(annotation(task, images));
  }
  return state;
}

const [taskPath, reportPath] = process.argv.slice(2);
const task = readJson(taskPath);
introduce(task.Images);
const report = MeasurementReport.generateReport(toolState(task), metaData, task.Series ?? {});
report.dataset.SpecificCharacterSet ??= 'ISO_IR 192';
writeFileSync(reportPath, Buffer.from(dcmjs.data.datasetToDict(report.dataset).write()));
