/**
 * Measurements as the server tells them, and what the modules of this folder hand to each other. No code.
 *
 * @typedef {import('../types.js').Vec2} Vec2
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {readonly number[]} Place [x, y, z] in LPS mm, or [column, row] of a stored frame
 *
 * @typedef {object} Geometry
 * @property {'LPS' | 'pixel'} Space
 * @property {readonly Place[]} [Points]
 * @property {string} [Shape] of volumes: box, ellipsoid, polygons, everywhere
 * @property {readonly (readonly Place[])[]} [Polygons]
 * @property {readonly [number, number]} [Range]
 * @property {Vec3} [Seed]
 * @property {number} [Connectivity]
 * @property {number} [Radius] mm
 *
 * @typedef {{Scheme: string, Code: string, Meaning: string}} Code a coded concept
 * @typedef {{Name: string, Value: number, Unit: string, Code?: string}} Value
 * @typedef {{Position: Vec3, Row: Vec3, Column: Vec3}} PlaneReference
 *
 * @typedef {object} Body what a client says of a measurement
 * @property {string} [Id]
 * @property {string} Type
 * @property {string} Tool
 * @property {string} [Series]
 * @property {number} [Volume]
 * @property {{Instance: string, Frame: number}} [Image]
 * @property {PlaneReference} [Plane]
 * @property {Geometry} Geometry missing where another program has measured, and didn't tell where (see `isPlaced`)
 * @property {string} [Label]
 * @property {string} [Description]
 * @property {Code} [Finding]
 * @property {Code} [Site]
 *
 * @typedef {object} Kept what the server adds
 * @property {string} Id
 * @property {number} Revision
 * @property {readonly Value[]} Values
 * @property {{Source?: string, Spacing?: readonly [number, number] | null, Warning?: string} | null} [Calibration]
 * @property {Readonly<Record<string, unknown>>} [Method]
 * @property {Readonly<Record<string, unknown>>} [Source]
 * @property {string} Author
 * @property {string} CreatedAt
 * @property {string} UpdatedAt
 * @property {string} [UpdatedBy]
 * @property {boolean} Stale
 * @typedef {Body & Kept} RecordOf
 *
 * @typedef {object} Line a part of a shape: a path in the space of the pane
 * @property {readonly Place[]} points
 * @property {boolean} closed
 * @property {boolean} [faint] an aid, not the shape itself
 *
 * @typedef {object} Outline a shape as a pane shows it, in the space of the pane
 * @property {readonly Line[]} lines
 * @property {readonly Place[]} marks where something is drawn as a cross
 * @property {readonly Handle[]} handles
 *
 * @typedef {object} Handle
 * @property {Place} at in the space of the pane
 * @property {number} index which part of the geometry it moves
 *
 * @typedef {object} Mapping between a measurement's space and that of a pane
 * @property {(place: Place) => Place} toPane
 * @property {(place: Place, original: Place) => Place} fromPane onto the measurement's own plane; where it has none, as deep as the original
 *
 * @typedef {object} Draft what is being drawn
 * @property {Body} body
 * @property {readonly Value[]} values what is known of it
 * @property {boolean} exact whether the values are the server's, of just these points
 */

export {};
