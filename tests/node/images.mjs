// What cornerstone asks about images, answered from a JSON list with DICOM's keywords:
// SOPInstanceUID, SOPClassUID, SeriesInstanceUID, StudyInstanceUID, FrameOfReferenceUID, Rows, Columns,
// PixelSpacing, ImagePositionPatient, ImageOrientationPatient, NumberOfFrames, FrameNumber (1-based; default 1).
// One entry a frame. Everything besides (PatientName, StudyDate, ...) is taken along into a written report.
import { readFileSync } from 'node:fs';
import { metaData } from './cornerstone.mjs';

export function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf-8'));
}

export function imageId(image) {
  return nameOf(image.SOPInstanceUID, image.FrameNumber);
}

export function nameOf(uid, frame) {
  return `${uid}:${frame ?? 1}`;
}

// Let cornerstone know the images, and map "<SOP instance>:<frame>" to the name it knows each by.
export function introduce(images) {
  const known = new Map(images.map(image => [imageId(image), image]));
  metaData.addProvider((question, name) => {
    const image = known.get(name);
    return image && ANSWERS[question]?.(image);
  }, 10000);
  return Object.fromEntries([...known.keys()].map(name => [name, name]));
}

const ANSWERS = {
  instance: image => image,
  frameNumber: image => image.FrameNumber ?? 1,
  sopCommonModule: image => ({ sopInstanceUID: image.SOPInstanceUID, sopClassUID: image.SOPClassUID }),
  imagePlaneModule: plane,
};

// As OHIF answers it: an image without an orientation lies in the plane of x and y, one without a spacing has none.
function plane(image) {
  const cosines = image.ImageOrientationPatient ?? [1, 0, 0, 0, 1, 0];
  const [betweenRows, betweenColumns] = image.PixelSpacing ?? [null, null];
  return {
    frameOfReferenceUID: image.FrameOfReferenceUID,
    rows: image.Rows,
    columns: image.Columns,
    imageOrientationPatient: cosines,
    rowCosines: cosines.slice(0, 3),
    columnCosines: cosines.slice(3),
    imagePositionPatient: image.ImagePositionPatient ?? [0, 0, 0],
    rowPixelSpacing: betweenRows,
    columnPixelSpacing: betweenColumns,
  };
}
