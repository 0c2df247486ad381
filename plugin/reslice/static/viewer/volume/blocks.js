/** The lowest and the highest byte in each cube of voxels: what the shader may pass by. Pure functions. */

export const SIDE = 8;

/**
 * @typedef {object} Blocks
 * @property {readonly [number, number, number]} shape slices, rows, columns of blocks
 * @property {Uint8Array} least
 * @property {Uint8Array} most
 */

/**
 * A block counts the voxels around it too: between two blocks both are mixed.
 * @param {Uint8Array} bytes @param {readonly [number, number, number]} shape @returns {Blocks}
 */
export function blocksOf(bytes, shape) {
  const count = /** @type {[number, number, number]} */ (shape.map((size) => Math.ceil(size / SIDE)));
  const [least, most] = [new Uint8Array(count[0] * count[1] * count[2]), new Uint8Array(count[0] * count[1] * count[2])];
  let place = 0;
  for (let s = 0; s < count[0]; s += 1) {
    for (let r = 0; r < count[1]; r += 1) {
      for (let c = 0; c < count[2]; c += 1, place += 1) {
        [least[place], most[place]] = endsWithin(bytes, shape, [s, r, c]);
      }
    }
  }
  return { shape: count, least, most };
}

/** @param {Uint8Array} bytes @param {readonly number[]} shape @param {readonly number[]} block @returns {[number, number]} */
function endsWithin(bytes, shape, block) {
  const from = block.map((k) => Math.max(0, k * SIDE - 1));
  const to = block.map((k, axis) => Math.min(shape[axis], (k + 1) * SIDE + 1));
  let [low, high] = [255, 0];
  for (let s = from[0]; s < to[0]; s += 1) {
    for (let r = from[1]; r < to[1]; r += 1) {
      const row = (s * shape[1] + r) * shape[2];
      for (let c = row + from[2]; c < row + to[2]; c += 1) {
        const byte = bytes[c];
        if (byte < low) low = byte;
        if (byte > high) high = byte;
      }
    }
  }
  return [low, high];
}

/**
 * For each block 255 where a transfer function shows anything of it, else 0.
 * @param {Blocks} blocks @param {Uint8Array} hides for each of evenly spread entries 1 where it hides anything
 */
export function visibleBlocks(blocks, hides) {
  const before = new Uint32Array(hides.length + 1);
  for (let k = 0; k < hides.length; k += 1) before[k + 1] = before[k] + hides[k];
  const entry = (/** @type {number} */ byte) => (byte / 255) * (hides.length - 1);
  return Uint8Array.from(blocks.most, (high, k) => {
    const [first, last] = [Math.floor(entry(blocks.least[k])), Math.ceil(entry(high))];
    return before[last + 1] > before[first] ? 255 : 0;
  });
}
