/** What is drawn above a picture (SVG), as a picture: with the looks that the page's style sheets give it. */

const SVG = 'http://www.w3.org/2000/svg';

/** Properties of SVG that decide the looks, each also an attribute. */
const LOOKS = [
  'fill', 'fill-opacity', 'fill-rule', 'stroke', 'stroke-width', 'stroke-opacity', 'stroke-dasharray', 'stroke-linecap',
  'stroke-linejoin', 'opacity', 'visibility', 'paint-order', 'font-family', 'font-size', 'font-weight', 'font-style',
  'text-anchor', 'dominant-baseline', 'letter-spacing', 'vector-effect',
];

/**
 * An image as large as the paper. The looks stand in attributes, since styles within a picture are nobody's to allow.
 * @param {SVGSVGElement} overlay @param {{width: number, height: number}} size CSS pixels @param {{width: number, height: number}} paper
 * @param {string} without selects what is left out; '' is nothing
 * @returns {Promise<HTMLImageElement>}
 */
export async function drawnOverlay(overlay, size, paper, without) {
  const copy = plainCopy(overlay, without);
  copy.setAttribute('xmlns', SVG);
  copy.setAttribute('viewBox', `0 0 ${size.width} ${size.height}`);
  copy.setAttribute('width', String(paper.width));
  copy.setAttribute('height', String(paper.height));
  const address = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(address);
  }
}

/** @param {SVGSVGElement} overlay @param {string} without */
function plainCopy(overlay, without) {
  const copy = /** @type {SVGSVGElement} */ (overlay.cloneNode(true));
  const [shown, copied] = [[...overlay.querySelectorAll('*')], [...copy.querySelectorAll('*')]];
  shown.forEach((original, k) => {
    const style = getComputedStyle(original);
    if (style.display === 'none' || (without && original.matches(without))) copied[k].remove();
    else dress(copied[k], style);
  });
  dress(copy, getComputedStyle(overlay));
  return copy;
}

/** @param {Element} copied @param {CSSStyleDeclaration} style */
function dress(copied, style) {
  copied.removeAttribute('class');
  copied.removeAttribute('style');
  for (const name of LOOKS) {
    const value = style.getPropertyValue(name);
    if (value) copied.setAttribute(name, value);
  }
}
