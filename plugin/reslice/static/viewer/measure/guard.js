/** The browser asks before the page is left or closed: only while work would be lost with it. */

export class Guard {
  /** @param {() => boolean} hasWork */
  constructor(hasWork) {
    this.hasWork = hasWork;
    this.isOn = false;
  }

  /** Work has come or gone. A page with such a listener can't be frozen for the way back, so there is none without need. */
  update() {
    const isOn = this.hasWork();
    if (isOn === this.isOn) return;
    this.isOn = isOn;
    if (isOn) window.addEventListener('beforeunload', ask);
    else window.removeEventListener('beforeunload', ask);
  }
}

/** @param {BeforeUnloadEvent} event */
function ask(event) {
  event.preventDefault();
  Object.assign(event, { returnValue: true }); // for browsers that don't ask otherwise
}
