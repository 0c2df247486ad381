// Outlines of measurements: in their own place, and nowhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';

import { destinationOf } from '../../../plugin/reslice/static/viewer/measure/destination.js';
import { hitAt, isSeen } from '../../../plugin/reslice/static/viewer/measure/hits.js';
import { RIM, outlineOf, reshaped, shifted } from '../../../plugin/reslice/static/viewer/measure/shapes.js';
import { isSimple } from '../../../plugin/reslice/static/viewer/measure/simple.js';
import { whereInWords } from '../../../plugin/reslice/static/viewer/measure/told.js';
import { boxSection, ellipsoidSection } from '../../../plugin/reslice/static/viewer/measure/sections.js';
import { bodyFrom, rangeAround } from '../../../plugin/reslice/static/viewer/measure/sketches.js';
import { axesThat, directionsOf, placeOf, pointOf, PATIENT_AXES } from '../../../plugin/reslice/static/viewer/geometry/plane.js';

const near = (actual, expected, within = 1e-9) => {
  assert.equal(actual.length, expected.length);
  actual.forEach((part, k) => assert.ok(Math.abs(part - expected[k]) <= within, `${actual} is not ${expected}`));
};

// Four slices 2 mm apart, feet first: columns run to the patient's right, rows to the front.
const VOLUME = {
  Index: 0,
  Shape: [4, 20, 30],
  Spacing: [2, 0.5, 0.8],
  Affine: [[0, 0, -0.8, 10], [0, -0.5, 0, 7], [2, 0, 0, -3], [0, 0, 0, 1]],
  Origins: [-3, -1, 1, 3].map((z) => [10, 7, z]),
  Regular: true,
};
const FRAMES = VOLUME.Origins.map((Position, k) => ({ Index: k, Instance: `i${k}`, Frame: 0, Position, Volume: 0, Stack: null }));
const SCENE = { series: 's', volume: VOLUME, frames: FRAMES };

/** A pane that shows a plane of the volume at a place, 10 CSS pixels a mm. */
function placement(position, row = [1, 0, 0], column = [0, 1, 0]) {
  const plane = { Position: position, Row: row, Column: column, Spacing: [0.5, 0.5], Thickness: 2, Size: [40, 40] };
  const cross = [row[1] * column[2] - row[2] * column[1], row[2] * column[0] - row[0] * column[2], row[0] * column[1] - row[1] * column[0]];
  return {
    space: 'LPS',
    plane,
    directions: { row, column, normal: cross },
    tolerance: 1,
    toScreen: (point) => {
      const at = placeOf(plane, point);
      return [at.column * 5, at.row * 5];
    },
    fromScreen: ([x, y]) => pointOf(plane, y / 5, x / 5),
    behind: (point) => placeOf(plane, point).behind,
    target: { Series: 's', Volume: 0, Plane: { Position: position, Row: row, Column: column } },
    pixel: 5,
  };
}

const line = (points, more = {}) => ({ Type: 'distance', Tool: 'line', Series: 's', Volume: 0, Geometry: { Space: 'LPS', Points: points }, ...more });

test('pixels of a stored frame lie where the frame lies in the patient', () => {
  const body = { ...line([[0, 0], [10, 4]]), Image: { Instance: 'i2', Frame: 0 }, Geometry: { Space: 'pixel', Points: [[0, 0], [10, 4]] } };
  const outline = outlineOf(body, placement([-20, -20, 1]), SCENE);
  near(outline.lines[0].points[0], [10, 7, 1]);
  near(outline.lines[0].points[1], [2, 5, 1]);
  near(outline.mapping.fromPane([2, 5, 1.3], [0, 0]), [10, 4]);
  assert.equal(outlineOf(body, placement([-20, -20, 3]), SCENE), null, 'the next slice shows nothing of it');
});

test('nothing is drawn of another series, another volume, or of a line that only crosses the plane', () => {
  const here = placement([-20, -20, 1]);
  const points = [[0, 0, 1], [4, 3, 1]];
  assert.ok(outlineOf(line(points), here, SCENE));
  assert.equal(outlineOf(line(points, { Series: 'other' }), here, SCENE), null);
  assert.equal(outlineOf(line(points, { Volume: 1 }), here, SCENE), null);
  assert.equal(outlineOf(line([[0, 0, -3], [0, 0, 3]]), here, SCENE), null);
  assert.equal(outlineOf(line([[0, 0, 1], [0, 0, 2.5]]), here, SCENE), null);
});

test('an ellipse passes through the ends of its axes, and is drawn once around', () => {
  const Points = [[-4, 0, 1], [4, 0, 1], [0, -3, 1], [0, 3, 1]];
  const { lines, handles } = outlineOf(line(Points, { Type: 'area', Tool: 'ellipse' }), placement([-20, -20, 1]), SCENE);
  for (const [x, y, z] of lines[0].points) {
    assert.ok(Math.abs((x / 4) ** 2 + (y / 3) ** 2 - 1) < 1e-12);
    assert.equal(z, 1);
  }
  for (const end of Points) assert.ok(lines[0].points.some((point) => Math.hypot(...point.map((part, k) => part - end[k])) < 1e-9));
  assert.equal(handles.length, 4);
});

test('a plane cuts an ellipsoid where the ellipsoid is, on oblique planes too', () => {
  const centre = [1, 2, 3];
  const axes = [[5, 0, 0], [0, 3, 0], [0, 0, 2]];
  const [c, s] = [Math.cos(0.4), Math.sin(0.4)];
  const plane = { Position: [1, 2, 3.5], Row: [c, s, 0], Column: [-s * 0.8, c * 0.8, 0.6] };
  const section = ellipsoidSection(centre, axes, plane);
  for (const [x, y, z] of section) {
    assert.ok(Math.abs(((x - 1) / 5) ** 2 + ((y - 2) / 3) ** 2 + ((z - 3) / 2) ** 2 - 1) < 1e-9);
    assert.ok(Math.abs(placeOf({ ...plane, Spacing: [1, 1] }, [x, y, z]).behind) < 1e-9);
  }
  assert.equal(ellipsoidSection(centre, axes, { ...plane, Row: [1, 0, 0], Column: [0, 1, 0], Position: [0, 0, 5.01] }), null);
});

test('a plane cuts a box in a polygon: a square straight through, a hexagon across the diagonal', () => {
  const unit = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];
  const straight = boxSection([0, 0, 0], [2, 4, 6], unit, { Position: [0, 0, 3], Row: [1, 0, 0], Column: [0, 1, 0] });
  assert.equal(straight.length, 4);
  assert.ok(straight.every(([x, y, z]) => [0, 2].includes(x) && [0, 4].includes(y) && z === 3));
  const [a, b] = [Math.SQRT1_2, 1 / Math.sqrt(6)];
  const slanted = boxSection([0, 0, 0], [2, 2, 2], unit, { Position: [1, 1, 1.001], Row: [a, -a, 0], Column: [b, b, -2 * b] });
  assert.equal(slanted.length, 6);
  assert.equal(boxSection([0, 0, 0], [2, 2, 2], unit, { Position: [0, 0, 2.1], Row: [1, 0, 0], Column: [0, 1, 0] }), null);
});

test('a ball is shown as the circle that the plane cuts, a disc on an image only there', () => {
  const ball = { ...line([[0, 0, 1]]), Type: 'hu', Tool: 'point', Geometry: { Space: 'LPS', Points: [[0, 0, 1]], Radius: 5 } };
  const away = outlineOf(ball, placement([-20, -20, 4]), SCENE);
  assert.deepEqual(away.marks, []);
  for (const [x, y] of away.lines[0].points) assert.ok(Math.abs(Math.hypot(x, y) - 4) < 1e-9);
  const disc = { ...ball, Image: { Instance: 'i2', Frame: 0 } };
  assert.equal(outlineOf(disc, placement([-20, -20, 4]), SCENE), null);
  assert.equal(outlineOf(disc, placement([-20, -20, 1]), SCENE).lines.length, 1);
  const across = outlineOf(disc, placement([-20, 0, 10], [1, 0, 0], [0, 0, -1]), SCENE);
  assert.equal(across.lines.length, 0, 'a disc isn\'t seen from its side');
  assert.equal(across.marks.length, 1);
});

test('handles keep what makes a shape: right angles, centres, opposite corners', () => {
  const rectangle = { Type: 'area', Tool: 'rectangle', Geometry: { Space: 'LPS', Points: [[0, 0, 1], [4, 0, 1], [4, 2, 1], [0, 2, 1]] } };
  const { Points: corners } = reshaped(rectangle, 0, [-1, -3, 1]);
  near(corners[0], [-1, -3, 1]);
  near(corners[1], [4, -3, 1]);
  near(corners[2], [4, 2, 1]);
  near(corners[3], [-1, 2, 1]);
  const ellipse = { Type: 'area', Tool: 'ellipse', Geometry: { Space: 'LPS', Points: [[-4, 0, 1], [4, 0, 1], [0, -3, 1], [0, 3, 1]] } };
  const { Points: ends } = reshaped(ellipse, 1, [6, 5, 1]);
  near(ends[0], [-6, 0, 1]);
  near(ends[1], [6, 0, 1]);
  near(ends[2], [0, -3, 1]);
  const slanted = { Type: 'area', Tool: 'rectangle', Geometry: { Space: 'pixel', Points: [[0, 0], [2, 4], [0, 6], [-2, 2]] } };
  const { Points: moved } = reshaped(slanted, 2, [1, 9]);
  near(moved[2], [1, 9]);
  near(moved[0], [0, 0]);
  near([moved[1][0] + moved[3][0], moved[1][1] + moved[3][1]], [1, 9]);
});

test('a ball grows about its centre and moves with its seed', () => {
  const Points = [[0, 0, 0], [2, 0, 0], [0, 2, 0], [0, 0, 2]];
  const ball = { Type: 'volume', Tool: 'region', Geometry: { Space: 'LPS', Shape: 'ellipsoid', Points, Seed: [0, 0, 0] } };
  near(reshaped(ball, RIM, [0, 3, 4]).Points[3], [0, 0, 5]);
  const away = shifted(ball.Geometry, [1, 2, 3]);
  near(away.Seed, [1, 2, 3]);
  near(away.Points[1], [3, 2, 3]);
});

test('two corners make a rectangle along the picture, and the ellipse in it', () => {
  const [row, column] = [[0, 1, 0], [0, 0, -1]];
  const shown = placement([3, -9, 9], row, column);
  const { Geometry } = bodyFrom('rectangle', [[3, 0, 0], [3, 4, -2]], shown, null);
  assert.deepEqual(Geometry.Points.map((point) => [...point]), [[3, 0, 0], [3, 4, 0], [3, 4, -2], [3, 0, -2]]);
  const ellipse = bodyFrom('ellipse', [[3, 0, 0], [3, 4, -2]], shown, null);
  near(ellipse.Geometry.Points[0], [3, 0, -1]);
  near(ellipse.Geometry.Points[1], [3, 4, -1]);
  near(ellipse.Geometry.Points[2], [3, 2, 0]);
  near(ellipse.Geometry.Points[3], [3, 2, -2]);
  const volume = bodyFrom('volume', [[3, 0, 0], [3, 3, 4]], shown, { series: 's', volume: 0, range: [10, 20] });
  assert.equal(volume.Plane, undefined);
  near(volume.Geometry.Points[3], [3, 0, 5]);
  assert.deepEqual(volume.Geometry.Seed, [3, 0, 0]);
});

test('a range lies around the value, whole for HU, in stored units for SUV', () => {
  assert.deepEqual(rangeAround(40, 401, 'HU', 1), [-60, 140]);
  assert.deepEqual(rangeAround(3, 4, 'g/ml', 0.0005), [4000, 8000]);
});

test('where a measurement is shown: its slice, its plane, its stack', () => {
  const held = { Series: 's', Volumes: [VOLUME] };
  const onImage = { ...line([]), Image: { Instance: 'i2', Frame: 0 }, Geometry: { Space: 'pixel', Points: [[0, 0], [10, 4]] } };
  const to = destinationOf(onImage, held, FRAMES);
  near(to.point, [6, 6, 1]);
  assert.equal(to.axes, PATIENT_AXES);
  const loose = [...FRAMES, { Index: 4, Instance: 'x', Frame: 0, Position: null, Volume: null, Stack: 0 }];
  assert.deepEqual(destinationOf({ ...onImage, Image: { Instance: 'x', Frame: 0 } }, held, loose), { series: 's', volume: null, frame: 0 });
  for (const [turn, name] of [[0, 'axial'], [1, 'coronal'], [2, 'sagittal']]) {
    const [c, s] = [Math.cos(0.3), Math.sin(0.3)];
    const turned = [[[c, s, 0], [-s, c, 0], [0, 0, 1]], [[1, 0, 0], [0, c, s], [0, -s, c]], [[c, 0, -s], [0, 1, 0], [s, 0, c]]][turn];
    for (const flip of [1, -1]) {
      for (const plane of ['axial', 'coronal', 'sagittal']) {
        const { row, column, normal } = directionsOf(plane, turned);
        const axes = axesThat(row.map((part) => part * flip), column);
        const same = ['axial', 'coronal', 'sagittal'].some((other) => {
          const own = directionsOf(other, axes).normal;
          return Math.abs(Math.abs(own.reduce((sum, part, k) => sum + part * normal[k], 0)) - 1) < 1e-9;
        });
        assert.ok(same, `${name} ${plane} ${flip}`);
        if (flip === 1) near(directionsOf(plane, axes).row.map(Math.abs), row.map(Math.abs));
      }
    }
  }
});

test('a hand takes the handle of the chosen shape before any line, and nothing that is too far', () => {
  const shapes = [
    { id: 'a', paths: [{ points: [[0, 0], [100, 0]], closed: false }], marks: [], handles: [{ at: [0, 0], index: 0 }] },
    { id: 'b', paths: [{ points: [[0, 5], [100, 5], [50, 60]], closed: true }], marks: [], handles: [{ at: [0, 5], index: 0 }] },
  ];
  assert.equal(hitAt(shapes, [2, 4], 8, 'a').handle.index, 0);
  assert.deepEqual(hitAt(shapes, [50, 4], 8, 'a'), { id: 'b', handle: null });
  assert.deepEqual(hitAt(shapes, [24, 32], 8, null), { id: 'b', handle: null }, 'the side that closes it');
  assert.equal(hitAt(shapes, [50, 30], 8, 'a'), null);
});

test('outlines that cross themselves, or have no area, are told from others', () => {
  assert.equal(isSimple([[0, 0, 1], [4, 0, 1], [4, 3, 1], [0, 3, 1]]), true);
  assert.equal(isSimple([[0, 0, 1], [4, 3, 1], [4, 0, 1], [0, 3, 1]]), false);
  assert.equal(isSimple([[0, 0, 1], [1, 1, 1], [3, 3, 1]]), false);
  assert.equal(isSimple([[0, 0], [4, 0], [4, 4], [2, 1], [0, 4]]), true);
});

test('while something is drawn only handles of the chosen shape catch; what lies out of the pane isn\'t seen', () => {
  const shape = { id: 'a', paths: [{ points: [[10, 10], [50, 10]], closed: false }], marks: [], handles: [{ at: [10, 10], index: 0 }] };
  assert.equal(hitAt([shape], [30, 12], 8, 'a', true), null);
  assert.equal(hitAt([shape], [12, 12], 8, null, true), null);
  assert.equal(hitAt([shape], [12, 12], 8, 'a', true).handle.index, 0);
  assert.equal(hitAt([shape], [30, 12], 8, null).id, 'a');
  assert.deepEqual([isSeen(shape, 100, 100), isSeen(shape, 5, 5), isSeen(shape, 0, 0)], [true, false, false]);
});

test('a measurement says on which plane or image it lies, as far as that is known', () => {
  const onImage = { ...line([]), Image: { Instance: 'i2', Frame: 0 }, Source: { SliceIndex: 2 }, Geometry: { Space: 'pixel', Points: [[0, 0], [10, 4]] } };
  const away = { ...SCENE, series: 'other', frames: [], volume: null };
  assert.equal(whereInWords(onImage, SCENE), 'Axial · H 1.0 mm');
  assert.equal(whereInWords({ ...onImage, Series: 's' }, away), 'Image 3');
  const onPlane = line([[3, -7, 2], [9, -7, 4]], { Plane: { Position: [0, -7, 0], Row: [1, 0, 0], Column: [0, 0, -1] } });
  assert.equal(whereInWords(onPlane, SCENE), 'Coronal · A 7.0 mm');
  assert.equal(whereInWords(onPlane, away), 'Coronal · A 7.0 mm', 'its own plane needs no series');
  const [c, s] = [Math.cos(0.5), Math.sin(0.5)];
  assert.equal(whereInWords({ ...onPlane, Plane: { ...onPlane.Plane, Column: [0, s, -c] } }, SCENE), 'Oblique, towards PH');
  assert.equal(whereInWords(line([[0, 0, 1], [4, 6, 3]]), SCENE), 'L 2.0  P 3.0  H 2.0');
  const loose = ['x', 'y'].map((Instance, k) => ({ Index: 4 + k, Instance, Frame: 0, Position: null, Volume: null, Stack: 0 }));
  const onStack = { ...onImage, Image: { Instance: 'y', Frame: 0 } };
  assert.equal(whereInWords(onStack, { series: 's', volume: null, frames: [...FRAMES, ...loose] }), 'Image 2 of 2');
  assert.equal(whereInWords(onStack, { series: 's', volume: null, frames: loose.slice(1) }), '', 'there is one only');
});

test('what another program measured without telling where is drawn nowhere, and spoils nothing', () => {
  const body = { Type: 'volume', Tool: 'region', Series: 's', Volume: 0 };
  assert.equal(outlineOf(body, placement([0, 0, 1]), SCENE), null);
  assert.equal(whereInWords(body, SCENE), '');
  const found = destinationOf(body, { Series: 's', Volumes: [VOLUME] }, FRAMES);
  assert.deepEqual([found?.series, found?.point], ['s', undefined]);
});
