/**
 * The shapes that modules of this page hand to each other, for the type checker and for readers. No code.
 *
 * Millimetres are those of DICOM's patient coordinates, LPS: x to the patient's left, y to the back, z to the head.
 *
 * @typedef {readonly [number, number, number]} Vec3 a point (mm) or a direction in LPS
 * @typedef {readonly [number, number]} Vec2 on the screen: CSS pixels of a pane from its upper left corner; of a stored frame: [column, row]
 * @typedef {'axial' | 'coronal' | 'sagittal'} PlaneName
 * @typedef {PlaneName | 'volume' | 'stack'} PaneName
 *
 * @typedef {object} WindowFacts how values become grey (PS3.3 C.11.2)
 * @property {number} Center
 * @property {number} Width
 * @property {string} Function LINEAR, LINEAR_EXACT or SIGMOID
 * @property {boolean} Invert whether low values are bright
 * @property {string} [Source]
 *
 * @typedef {object} Preset a named window of a volume
 * @property {string} Name
 * @property {number} Center
 * @property {number} Width
 * @property {string} Function
 * @property {string} [Unit] for values in this unit only (`g/ml`)
 *
 * @typedef {{Reason: string, Details: string, [fact: string]: unknown}} Warning
 *
 * @typedef {object} Volume one of `Volumes` of `/series/{id}/volumes`
 * @property {number} Index
 * @property {string} Label
 * @property {readonly [number, number, number]} Shape slices, rows, columns
 * @property {readonly [number, number, number]} Spacing mm between slices, rows, columns
 * @property {readonly (readonly number[])[]} Affine (slice, row, column, 1) to LPS mm
 * @property {boolean} Regular
 * @property {string} Orientation
 * @property {string | null} FrameOfReferenceUID
 * @property {readonly number[]} Positions
 * @property {readonly Vec3[]} Origins centre of the first pixel of each slice
 * @property {string} Type
 * @property {string} Unit
 * @property {number} Bytes
 * @property {{Factor: number, Unit: string} | {Reason: string} | null} Suv
 * @property {WindowFacts | null} Window
 * @property {readonly Preset[]} Presets
 * @property {string} Status absent, loading or ready
 * @property {number} Progress
 * @property {readonly Warning[]} Warnings
 *
 * @typedef {object} Stack
 * @property {number} Index
 * @property {number} FrameCount
 * @property {string} Reason
 * @property {string} Details
 *
 * @typedef {object} Held what a series holds: `/series/{id}/volumes`
 * @property {string} Series
 * @property {string} Modality
 * @property {readonly Volume[]} Volumes
 * @property {readonly Stack[]} Stacks
 * @property {readonly {Instance: string, Reason: string, Details: string}[]} Others
 * @property {number} [SeriesNumber]
 * @property {number} [InstanceCount]
 * @property {number} [MeasurementCount]
 *
 * @typedef {object} PlaneFacts `Reslice-Plane`
 * @property {Vec3 | null} Position centre of the first pixel; null where the image doesn't tell
 * @property {Vec3 | null} Row along a row
 * @property {Vec3 | null} Column down a column
 * @property {readonly [number, number] | null} Spacing mm between rows, between columns
 * @property {number | null} Thickness
 * @property {readonly [number, number]} Size rows, columns
 * @property {number | null} Index
 * @property {number | null} Count
 * @property {number} [Slab]
 * @property {string} [Projection]
 * @property {string} [Instance] of stored frames: Orthanc's identifier
 * @property {number} [Frame] of stored frames, from 0
 * @property {{Source: string, Spacing: readonly [number, number] | null, Warning?: string}} [Calibration] of stored frames
 *
 * @typedef {object} RawFacts `Reslice-Raw`
 * @property {string} Type int16, float32 or uint8
 * @property {readonly number[]} Shape
 * @property {number | string | null} NoData
 * @property {string} Unit
 * @property {number} [PixelAspect] height of a pixel by its width, of stored frames
 * @property {readonly [number, number] | null} [Padding] values that are padding, both included
 *
 * @typedef {object} Frame one of `Slices` of `/series/{id}/slices`
 * @property {number} Index
 * @property {string} Instance
 * @property {number} Frame
 * @property {Vec3 | null} Position
 * @property {{Left: string, Right: string, Top: string, Bottom: string} | null} Labels
 * @property {string | null} Laterality
 * @property {string | null} ViewPosition
 * @property {number | null} Volume
 * @property {number | null} Stack
 * @property {string} Url
 *
 * @typedef {object} Slab
 * @property {number} thickness mm; 0 is a thin plane
 * @property {'mean' | 'mip' | 'minip'} projection
 *
 * @typedef {object} WindowSetting
 * @property {number} center
 * @property {number} width
 * @property {string} function
 * @typedef {WindowSetting & {invert: boolean}} GreyWindow what values go through; whether low ones are bright
 *
 * @typedef {object} View how a plane lies in its pane
 * @property {number} u mm along the row from the centre of the volume (of a stack: of the image, in pixels) to the middle of the pane
 * @property {number} v the same down the column
 * @property {number} zoom 1 fits into the pane
 *
 * @typedef {import('./volume/camera.js').Orbit & View} Camera of the 3-D pane; u and v are mm along the rows and columns of its picture
 *
 * @typedef {object} ViewerState everything that decides what is to be seen; never changed, only replaced
 * @property {string | null} study Orthanc's identifier
 * @property {string | null} series
 * @property {Held | null} held what the series holds
 * @property {number | null} volume index of the volume; null: the frames are a stack
 * @property {Vec3} crosshair
 * @property {readonly [Vec3, Vec3, Vec3]} axes the patient's axes, turned with the crosshair
 * @property {WindowSetting | null} window null: the server's choice
 * @property {boolean} inverted black for white, against what each image asks for
 * @property {'stored' | 'suv'} unit
 * @property {Slab} slab
 * @property {string} tool
 * @property {PaneName | null} maximised the only pane that is shown
 * @property {PaneName} focus the pane that keys act on
 * @property {number} frame of a stack
 * @property {boolean} playing
 * @property {number} rate frames a second of cine
 * @property {Readonly<Partial<Record<PaneName, View>>>} views
 * @property {string | null} look how the body looks; null: the first of those that suit it
 * @property {Camera} camera where the body is seen from
 *
 * @typedef {import('./panes/gestures.js').Drag} Drag
 *
 * @typedef {object} Placement how what a pane shows lies in the patient (`LPS`) or in a stored frame (`pixel`: [column, row], whole numbers at centres)
 * @property {'LPS' | 'pixel'} space
 * @property {(point: readonly number[]) => Vec2} toScreen CSS pixels of the pane; of an LPS point: of its foot on the plane
 * @property {(at: Vec2) => number[]} fromScreen a point in the space
 * @property {(point: readonly number[]) => number} behind mm behind the plane (negative: before it); 0 of pixels
 * @property {number} tolerance mm: what lies nearer to the plane belongs to it
 * @property {PlaneFacts} plane
 * @property {Directions | null} directions null where the image doesn't tell
 * @property {MeasurementTarget} target what a measurement drawn here refers to
 * @property {number} pixel CSS pixels of one pixel of the picture
 * @property {(at: Vec2) => number | null} valueAt modality value (unit of the pane) of the nearest pixel; null: no data
 * @property {string} unit of these values
 * @typedef {{row: Vec3, column: Vec3, normal: Vec3}} Directions
 * @typedef {{Image: {Instance: string, Frame: number}} | {Series: string, Volume: number, Plane: {Position: Vec3, Row: Vec3, Column: Vec3}}} MeasurementTarget
 *
 * @typedef {object} Pane what tools, the overlay of measurements and the key image need of a pane
 * @property {PaneName} name
 * @property {HTMLElement} element its figure
 * @property {HTMLElement} surface the focusable part that shows the picture and takes keys and gestures
 * @property {SVGSVGElement} overlay above the picture, in CSS pixels of the surface
 * @property {() => Placement | null} placement null while nothing is shown
 * @property {(listener: () => void) => () => void} onChange called when picture, view or size have changed; the answer ends it
 * @property {() => HTMLCanvasElement | null} snapshot the picture as it is on the screen (device pixels), without overlay and texts
 * @property {() => string[]} describe lines that say what is shown: plane, place, window, slab, warnings
 *
 * @typedef {object} Tool what the left hand (or one finger) does
 * @property {string} name
 * @property {string} cursor of CSS
 * @property {(pane: Pane, at: Vec2, event: PointerEvent) => Drag | null} drag
 * @property {(pane: Pane, at: Vec2 | null, event: PointerEvent) => void} [hover]
 * @property {(pane: Pane, event: KeyboardEvent) => boolean} [key] whether it has used the key
 * @property {(pane: Pane, at: Vec2, event: MouseEvent) => boolean} [double] whether it has used the double click
 * @property {() => void} [leave] another tool was chosen, or Esc: forget what is half done
 *
 * @typedef {object} Destination
 * @property {string} series
 * @property {number | null} volume
 * @property {Vec3} [point] LPS: where the crosshair goes
 * @property {readonly [Vec3, Vec3, Vec3]} [axes] turned axes, if the plane needs them
 * @property {number} [frame] of a stack
 *
 * @typedef {object} App what the parts of the page share
 * @property {import('./state/store.js').Store<ViewerState>} store
 * @property {Map<string, Tool>} tools by name; modules add theirs when the page starts
 * @property {((pane: Pane, at: Vec2, event: PointerEvent) => Drag | null)[]} grabbers asked in order before the tool: a handle under the pointer?
 * @property {() => readonly Pane[]} panes those that are there now
 * @property {(listener: () => void) => () => void} onPanes other panes are there
 * @property {(series: string) => Promise<readonly Frame[]>} framesOf the frames of a series, read once
 * @property {(to: Destination) => Promise<void>} goTo show a place, in another series too
 * @property {(series: string, volume?: number | null) => Promise<boolean>} openSeries whether it is shown in the end
 * @property {(how?: {isKnown?: boolean}) => Promise<void>} refresh ask whether the series has changed
 * @property {(pane: import('./panes/pane.js').PicturePane) => void} refused a pane has no picture
 * @property {() => WindowSetting | null} shownWindow the window of the focused pane, the server's choice too
 * @property {() => {window: WindowSetting, unit: 'stored' | 'suv'} | null} usualWindow the server's choice of the last picture; null: not known yet
 * @property {(volume: number, slice: number) => Frame | null} frameOfSlice the stored frame of a volume's slice, once it is known
 * @property {(pane: import('./panes/pane.js').PicturePane, picture: import('./net/pictures.js').Picture) => void} shown a picture has come
 * @property {(text: string, kind?: 'quiet' | 'problem') => void} say the status line; '' clears it
 */

export {};
