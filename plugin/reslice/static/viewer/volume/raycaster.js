/** Looks through a volume on the graphics processor, one picture at a time; nothing runs between pictures. */

import { dot, vectorOf } from '../geometry/vectors.js';
import { blocksOf, visibleBlocks } from './blocks.js';
import { sightOf } from './camera.js';
import { ENTRIES } from './looks.js';
import { BODY, PROJECTION, VERTEX } from './shaders.js';

/**
 * @typedef {import('../types.js').Vec3} Vec3
 * @typedef {import('./grids.js').Grid} Grid
 * @typedef {import('./looks.js').Table} Table
 * @typedef {import('./looks.js').Look} Look
 * @typedef {typeof import('three')} Three the bundle has a part of it
 * @typedef {object} Shot
 * @property {import('./camera.js').Orbit} orbit
 * @property {Vec3} centre of the volume, LPS
 * @property {{u: number, v: number}} middle mm from there to the middle of the picture, along its rows and columns
 * @property {readonly [number, number]} pixels width and height of the picture
 * @property {number} pixel mm
 * @property {number} pace voxels from sample to sample
 * @property {number} ground grey behind everything, 0 to 1
 */

const LEAST_SIDE = 256;
const SOFTWARE = /swiftshader|llvmpipe|softpipe|software|basic render/i;
const NEARLY_ZERO = 1e-7;
const ATTRIBUTES = { alpha: false, antialias: false, depth: false, stencil: false, premultipliedAlpha: false };

/**
 * The context of a canvas, or null where WebGL2 can't do what is needed.
 * @param {HTMLCanvasElement} canvas @param {boolean} mayBeSlow a processor that does the graphics beside its work will do
 */
export function contextOf(canvas, mayBeSlow) {
  const context = /** @type {WebGL2RenderingContext | null} */ (
    canvas.getContext('webgl2', { ...ATTRIBUTES, failIfMajorPerformanceCaveat: !mayBeSlow })
  );
  if (!context || context.isContextLost()) return null;
  const isEnough = (mayBeSlow || !isSoftware(context)) && context.getParameter(context.MAX_3D_TEXTURE_SIZE) >= LEAST_SIDE;
  if (!isEnough) context.getExtension('WEBGL_lose_context')?.loseContext(); // browsers have only so many
  return isEnough ? context : null;
}

/** Whether a program plays the graphics processor: not every browser counts that as a caveat. @param {WebGL2RenderingContext} context */
function isSoftware(context) {
  const told = context.getExtension('WEBGL_debug_renderer_info');
  return told !== null && SOFTWARE.test(String(context.getParameter(told.UNMASKED_RENDERER_WEBGL)));
}

export class Raycaster {
  /** @param {Three} three @param {HTMLCanvasElement} canvas @param {WebGL2RenderingContext} context */
  constructor(three, canvas, context) {
    this.three = three;
    this.canvas = canvas;
    this.renderer = new three.WebGLRenderer({ canvas, context, ...ATTRIBUTES });
    this.renderer.autoClear = false; // every pixel is drawn
    this.geometry = new three.PlaneGeometry(2, 2);
    this.materials = { projection: this.#material(PROJECTION), body: this.#material(BODY) };
    /** @type {import('three').Mesh<import('three').PlaneGeometry, import('three').RawShaderMaterial>} */
    this.mesh = new three.Mesh(this.geometry, this.materials.body);
    this.mesh.frustumCulled = false;
    this.scene = new three.Scene();
    this.scene.add(this.mesh);
    this.camera = new three.OrthographicCamera();
    /** @type {Grid | null} */
    this.grid = null;
    /** @type {import('./blocks.js').Blocks | null} */
    this.blocks = null;
    /** @type {Record<string, import('three').DataTexture | import('three').Data3DTexture>} */
    this.textures = {};
  }

  /** @param {string} fragmentShader */
  #material(fragmentShader) {
    const { RawShaderMaterial, GLSL3, Matrix3, Vector3, Vector4 } = this.three;
    const vectors = ['grid', 'corner', 'right', 'down', 'away', 'ground', 'direction'];
    const uniforms = {
      ...Object.fromEntries(vectors.map((name) => [name, { value: new Vector3() }])),
      ...Object.fromEntries(['voxels', 'blocks', 'colours'].map((name) => [name, { value: null }])),
      ...Object.fromEntries(['rows', 'pace', 'calm', 'least'].map((name) => [name, { value: 0 }])),
      perMm: { value: new Matrix3() },
      light: { value: new Vector4() },
    };
    const options = { depthTest: false, depthWrite: false, glslVersion: GLSL3, uniforms };
    return new RawShaderMaterial({ ...options, vertexShader: VERTEX, fragmentShader });
  }

  /** Look through this from now on. @param {Grid} grid */
  setGrid(grid) {
    this.grid = grid;
    this.blocks = blocksOf(grid.bytes, grid.shape);
    this.#put('voxels', this.#volume(grid.bytes, grid.shape, this.three.LinearFilter));
  }

  /** With these colours; after a grid. @param {Look} look @param {Table} table */
  setTable(look, table) {
    const { blocks, three } = this;
    if (!blocks) return;
    const isBody = look.light !== undefined;
    this.mesh.material = isBody ? this.materials.body : this.materials.projection;
    this.#put('blocks', this.#volume(isBody ? visibleBlocks(blocks, table.hides) : blocks.most, blocks.shape, three.NearestFilter));
    const colours = new three.DataTexture(/** @type {Float32Array<ArrayBuffer>} */ (table.texels), ENTRIES, 2, three.RGBAFormat, three.FloatType);
    colours.wrapS = three.ClampToEdgeWrapping;
    colours.wrapT = three.ClampToEdgeWrapping;
    this.#put('colours', colours);
    const { uniforms } = this.mesh.material;
    uniforms.calm.value = table.calm;
    uniforms.least.value = table.least;
    if (look.light) uniforms.light.value.set(...look.light);
  }

  /** @param {Uint8Array} bytes @param {readonly [number, number, number]} shape @param {import('three').MagnificationTextureFilter} filter */
  #volume(bytes, [slices, rows, columns], filter) {
    const { three } = this;
    const texture = new three.Data3DTexture(/** @type {Uint8Array<ArrayBuffer>} */ (bytes), columns, rows, slices);
    texture.format = three.RedFormat;
    texture.type = three.UnsignedByteType;
    texture.minFilter = filter;
    texture.magFilter = filter;
    texture.wrapS = three.ClampToEdgeWrapping;
    texture.wrapT = three.ClampToEdgeWrapping;
    texture.wrapR = three.ClampToEdgeWrapping;
    texture.unpackAlignment = 1;
    return texture;
  }

  /** @param {string} name @param {import('three').DataTexture | import('three').Data3DTexture} texture */
  #put(name, texture) {
    this.textures[name]?.dispose();
    this.textures[name] = texture;
    texture.needsUpdate = true;
    for (const material of Object.values(this.materials)) material.uniforms[name].value = texture;
  }

  /** @param {Shot} shot */
  draw(shot) {
    if (!this.grid || !this.textures.colours) return;
    const [width, height] = shot.pixels;
    this.renderer.setPixelRatio(1);
    this.renderer.setSize(width, height, false);
    this.#aim(this.mesh.material.uniforms, this.grid, shot);
    this.renderer.render(this.scene, this.camera);
  }

  /** @param {Record<string, {value: any}>} uniforms @param {Grid} grid @param {Shot} shot */
  #aim(uniforms, grid, shot) {
    const { inverse, sizes, matrix } = this.#intoTexture(grid);
    const { right, down, away } = sightOf(shot.orbit);
    const [width, height] = shot.pixels;
    const [u, v] = [shot.middle.u - (width / 2) * shot.pixel, shot.middle.v - (height / 2) * shot.pixel];
    const corner = vectorOf((k) => shot.centre[k] + u * right[k] + v * down[k] - grid.affine[k][3]);
    const into = (/** @type {Vec3} */ vector) => vectorOf((k) => dot(inverse[k], vector) / sizes[k]);
    const start = into(corner);
    uniforms.grid.value.set(...sizes);
    uniforms.corner.value.set(...vectorOf((k) => start[k] + 0.5 / sizes[k]));
    uniforms.right.value.set(...into(vectorOf((k) => right[k] * shot.pixel)));
    uniforms.down.value.set(...into(vectorOf((k) => down[k] * shot.pixel)));
    uniforms.away.value.set(...into(away).map((part) => (Math.abs(part) < NEARLY_ZERO ? NEARLY_ZERO : part)));
    uniforms.direction.value.set(...away);
    uniforms.perMm.value.copy(matrix);
    uniforms.rows.value = height;
    uniforms.pace.value = shot.pace * finestOf(grid);
    uniforms.ground.value.setScalar(shot.ground);
  }

  /** From mm to voxel indices along the texture's axes: column, row, slice. @param {Grid} grid */
  #intoTexture({ affine, shape }) {
    const sizes = /** @type {Vec3} */ ([shape[2], shape[1], shape[0]]);
    const row = (/** @type {number} */ k) => /** @type {[number, number, number]} */ ([affine[k][2], affine[k][1], affine[k][0]]);
    const matrix = new this.three.Matrix3().set(...row(0), ...row(1), ...row(2)).invert();
    const e = matrix.elements; // column after column
    const inverse = [0, 1, 2].map((k) => /** @type {Vec3} */ ([e[k], e[k + 3], e[k + 6]]));
    return { inverse, sizes, matrix: matrix.clone().transpose() };
  }

  /** Give all memory back. */
  end() {
    Object.values(this.textures).forEach((texture) => texture.dispose());
    Object.values(this.materials).forEach((material) => material.dispose());
    this.geometry.dispose();
    this.renderer.dispose();
    if (!this.renderer.getContext().isContextLost()) this.renderer.forceContextLoss();
    this.grid = null;
    this.blocks = null;
  }
}

/** The shortest way from voxel to voxel, mm. @param {Grid} grid */
function finestOf({ affine }) {
  return Math.min(...[0, 1, 2].map((axis) => Math.hypot(affine[0][axis], affine[1][axis], affine[2][axis])));
}
