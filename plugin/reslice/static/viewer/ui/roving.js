/** One stop of the Tab key for all buttons of a toolbar; arrows go from one to the next. Fields keep stops of their own. */

/**
 * Listen to a toolbar; the answer is to be called when buttons have come or gone.
 * @param {HTMLElement} bar @param {() => void} giveBack where the keys go after a field was changed by mouse or finger
 */
export function startRoving(bar, giveBack) {
  const buttons = () => [...bar.querySelectorAll('button')].filter((button) => !button.hidden && button.closest('[hidden]') === null);
  const stopAt = (/** @type {HTMLButtonElement} */ chosen) => buttons().forEach((button) => (button.tabIndex = button === chosen ? 0 : -1));
  bar.addEventListener('focusin', (event) => event.target instanceof HTMLButtonElement && stopAt(event.target));
  bar.addEventListener('keydown', (event) => {
    const all = buttons();
    const at = all.findIndex((button) => button === event.target);
    const next = at < 0 ? undefined : all[nextOf(event.key, at, all.length)];
    if (!next) return;
    event.preventDefault();
    next.focus();
  });
  keepKeysOnThePane(bar, giveBack);
  return () => {
    const all = buttons();
    if (!all.some((button) => button.tabIndex === 0) && all[0]) stopAt(all[0]);
  };
}

/**
 * Where a key leads among so many; -1: nowhere.
 * @param {string} key @param {number} at @param {number} count
 */
export function nextOf(key, at, count) {
  if (key === 'ArrowRight') return (at + 1) % count;
  if (key === 'ArrowLeft') return (at - 1 + count) % count;
  if (key === 'Home') return 0;
  return key === 'End' ? count - 1 : -1;
}

/** Whoever works with mouse or finger has the keys on the pane: a letter must not choose another line of a list. @param {HTMLElement} bar @param {() => void} giveBack */
function keepKeysOnThePane(bar, giveBack) {
  let isByHand = false;
  bar.addEventListener('pointerdown', () => (isByHand = true));
  bar.addEventListener('mousedown', (event) => {
    if (event.target instanceof Element && event.target.closest('button')) event.preventDefault(); // no focus
  });
  bar.addEventListener('keydown', (event) => {
    isByHand = false;
    if (event.key === 'Enter' && event.target instanceof HTMLInputElement) queueMicrotask(giveBack);
  });
  bar.addEventListener('change', () => isByHand && giveBack());
}
