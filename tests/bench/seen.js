/**
 * Runs in the page before the page's own scripts: when what is on the screen, in milliseconds of the page's clock, which
 * begins with the navigation. A pane counts once its canvas is grey in the middle, where the body is; the time is that
 * of the second frame after, so that it is rather too late than too early.
 */
(() => {
  const PLANES = 3;
  const seen = { click: null, first: null, usable: null, volume: null, paints: [] };
  const scratch = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));

  /** Values of a few points around the middle of a canvas, as it is now. */
  function samples(canvas, side) {
    if (!canvas || canvas.width < side || canvas.height < side) return [];
    scratch.drawImage(canvas, canvas.width / 4, canvas.height / 4, canvas.width / 2, canvas.height / 2, 0, 0, side, side);
    return [...scratch.getImageData(0, 0, side, side).data].filter((_, k) => k % 4 === 0);
  }

  const planes = () => [...document.querySelectorAll('figure.axial, figure.coronal, figure.sagittal')];
  const isPainted = (figure) => samples(figure.querySelector('canvas'), 3)[4] > 0;
  const isWhole = ({ classList }) => !classList.contains('preview') && !classList.contains('loading');

  async function note(name) {
    if (seen[name] !== null) return;
    seen[name] = Infinity; // under way
    await frame();
    seen[name] = await frame();
  }

  function look() {
    if (seen.usable !== null) return;
    const painted = planes().filter(isPainted);
    if (painted.length > 0) note('first');
    if (painted.length === PLANES && painted.every(isWhole)) note('usable');
  }

  function lookAtVolume() {
    if (new Set(samples(document.querySelector('figure.volume canvas'), 16)).size > 1) note('volume');
  }

  /** WebGL's picture can be read until the browser has shown it. */
  for (const name of ['drawArrays', 'drawElements']) {
    const draw = WebGL2RenderingContext.prototype[name];
    WebGL2RenderingContext.prototype[name] = function drawn(...given) {
      draw.apply(this, given);
      if (seen.volume === null && this.getParameter(this.FRAMEBUFFER_BINDING) === null) queueMicrotask(lookAtVolume);
    };
  }

  async function watchVolume() {
    while (seen.volume === null) {
      await frame();
      lookAtVolume();
    }
  }

  /** Turn the wheel once in each frame: how many planes came onto the screen as numbers, and until when. */
  async function turn(steps) {
    const pane = document.querySelector('figure.axial');
    const [surface, corner, slider] = ['.surface', '.corner.bottom-left', 'input'].map((what) => pane.querySelector(what));
    const shown = new Set();
    const place = () => corner.firstElementChild?.textContent ?? '';
    const before = place();
    const observer = new MutationObserver(() => isWhole(pane) && place() !== before && shown.add(place()));
    observer.observe(corner, { childList: true, subtree: true, characterData: true });
    const box = surface.getBoundingClientRect();
    const at = { clientX: box.x + box.width / 2, clientY: box.y + box.height / 2, bubbles: true, cancelable: true };
    const from = await frame();
    for (let k = 0; k < steps; k += 1) {
      surface.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY: 100 }));
      await frame();
    }
    while (!isWhole(pane) || !place().endsWith(slider.getAttribute('aria-valuetext'))) await frame();
    const until = await frame();
    observer.disconnect();
    return { shown: shown.size, milliseconds: until - from, last: Number(slider.value) };
  }

  /** Milliseconds of the page's clock at which something was on the screen; waited for, but not for ever. */
  async function until(name, longest) {
    const last = performance.now() + longest;
    while (!Number.isFinite(seen[name] ?? NaN)) {
      if (performance.now() > last) throw new Error(`${name}: not on the screen after ${longest} ms`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return seen[name];
  }

  addEventListener('click', (event) => (seen.click ??= event.timeStamp), { capture: true });
  new PerformanceObserver((list) => {
    const paints = list.getEntriesByName('reslice-paint');
    seen.paints.push(...paints.map(({ duration }) => duration));
    if (paints.length > 0) look();
  }).observe({ entryTypes: ['measure'] });
  globalThis.bench = { seen, turn, until, watchVolume };
})();
