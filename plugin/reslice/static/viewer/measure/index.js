/** Measuring on this page: tools, shapes on the pictures, the list, and the server that computes and keeps. */

import { Refused } from '../net/server.js';
import { seriesHeld } from '../net/series.js';
import { volumeOf } from '../state/view.js';
import { TEXTS } from '../texts.js';
import { questionsAbout } from './conflict.js';
import { Desk } from './desk.js';
import { destinationOf } from './destination.js';
import { Draw } from './draw.js';
import { download, takeOver, writeReport } from './files.js';
import { grab, under } from './grab.js';
import { Guard } from './guard.js';
import { isTyping, watchKeys } from './keys.js';
import { draftItem, draftLines, isMoved, itemOf, unsavedValue } from './items.js';
import { Overlay } from './overlay.js';
import { Panel } from './panel.js';
import { Preview } from './preview.js';
import { Records } from './records.js';
import { isForbidden, isHopeless } from './refusals.js';
import { spacingOf } from './shapes.js';
import { TOOLS } from './sketches.js';
import { Places, kindInWords } from './told.js';
import { named, principal } from './values.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').Pane} Pane
 * @typedef {import('./mapping.js').Scene} Scene
 * @typedef {import('./types.js').Body} Body
 * @typedef {import('./types.js').RecordOf} RecordOf
 */

/** @param {App} app @param {HTMLElement} place of the list @param {(counts: ReadonlyMap<string, number>) => void} counted called with how many each series has */
export function startMeasuring(app, place, counted) {
  return new Measuring(app, place, counted);
}

class Measuring {
  /** @param {App} app @param {HTMLElement} place @param {(counts: ReadonlyMap<string, number>) => void} counted */
  constructor(app, place, counted) {
    this.app = app;
    this.counted = counted;
    /** @type {Map<string | null, Desk>} */
    this.desks = new Map();
    this.desk = this.#deskOf(app.store.get().study);
    this.preview = new Preview(this.desk.records, () => this.#previewed());
    this.overlay = new Overlay();
    /** @type {readonly import('../types.js').Frame[]} */
    this.frames = [];
    this.places = new Places(() => this.scene());
    /** @type {(() => void)[]} */
    this.ends = [];
    /** @type {WeakSet<HTMLElement>} */
    this.followed = new WeakSet();
    this.asked = 0;
    /** @type {Panel} */
    this.panel = new Panel(place, this.desk, {
      where: (record) => this.places.of(record),
      unsaved: (record) => unsavedValue(record, this.desk, this.preview, this.draw.isDrawing),
      choose: (record) => this.#try(() => this.#choose(record)),
      save: (id) => this.#try(() => this.#save(id)),
      remove: (record) => this.#remove(this.desk.records.get(record.Id) ?? record),
      undo: () => this.#undo(),
      redo: () => this.#undo(true),
      download: (format) => this.#try(() => download(this.desk.records, format)),
      report: () => this.#try(async () => this.panel.tell(await writeReport(this.desk.records))),
      takeOver: (file) => this.#try(async () => this.panel.tell(await takeOver(this.desk.records, file))),
    });
    this.draw = new Draw(app, {
      changed: () => {
        this.redraw();
        this.guard.update();
      },
      finished: (body) => this.#finished(body),
      announce: (text) => this.#announce(text),
    });
    this.guard = new Guard(() => this.draw.hasWork || this.panel.isHalfTyped || [...this.desks.values()].some((desk) => desk.hasWork));
    place.addEventListener('input', () => this.guard.update());
    this.#begin();
  }

  #begin() {
    const { app } = this;
    for (const tool of this.draw.tools()) app.tools.set(tool.name, tool);
    app.grabbers.push((pane, at, event) => (this.draw.isDrawing ? null : grab(pane, at, event, this.#bench())));
    app.onPanes(() => this.#follow());
    app.store.when(['study'], ({ study }, before) => {
      if (before.study !== null) this.draw.giveUp(); // else it is known now whose series is shown
      this.#try(() => this.#open(study));
    });
    app.store.when(['series', 'volume'], () => this.draw.giveUp());
    app.store.when(['series', 'volume', 'held'], () => this.#readFrames()); // a series that has changed has the same name
    watchKeys({
      undo: () => this.#undo(),
      redo: () => this.#undo(true),
      remove: () => this.#removeSelected(),
      leave: () => (this.draw.isDrawing || this.draw.cursor.isShown ? this.draw.cancel() : this.desk.select(null)),
      draw: (event) => this.#key(event),
    });
    for (const name of ['focus', 'visibilitychange']) {
      (name === 'focus' ? window : document).addEventListener(name, () => document.visibilityState === 'visible' && this.#try(() => this.desk.records.refresh()));
    }
    this.#follow();
    this.panel.render();
    const { study } = app.store.get();
    if (study) this.#try(() => this.#open(study));
    this.#readFrames();
  }

  /**
   * Each study has a desk of its own: what waits there for its turn, or for an answer, belongs to that study, whatever is shown by
   * then; and what isn't saved is still there for who comes back.
   * @param {string | null} study
   */
  #deskOf(study) {
    const known = this.desks.get(study);
    if (known) return known;
    const records = new Records(study);
    const desk = new Desk(records, { ...questionsAbout(records, () => this.scene()), failed: (error) => this.#say(error) });
    this.desks.set(study, desk);
    desk.onChange(() => {
      if (desk === this.desk) this.#show();
      this.guard.update();
    });
    return desk;
  }

  /** What has become of the study's measurements. */
  #show() {
    this.panel.render();
    this.redraw();
    const { records } = this.desk;
    const { sketch } = this.draw;
    const late = sketch && records.get(sketch.id);
    if (late && sketch.isUnkept && this.draw.found(late.Id)) this.desk.found(late); // else it is drawn otherwise by now
    if (records.isRead) this.counted(records.counts());
  }

  /** A number of what isn't kept is known: of what is drawn, or of what was moved. */
  #previewed() {
    this.redraw();
    if (this.desk.selected !== null && isMoved(this.desk.selected, this.desk)) this.panel.render();
  }

  /** @param {string | null} study */
  async #open(study) {
    this.desk = this.#deskOf(study);
    this.panel.desk = this.desk;
    this.preview = new Preview(this.desk.records, () => this.#previewed());
    this.panel.tell([]);
    this.desk.select(null);
    this.#show();
    await this.desk.records.refresh();
  }

  /** What hands take, and who keeps it. @returns {import('./grab.js').Bench} */
  #bench() {
    const { desk, overlay } = this;
    const isMeasuring = TOOLS.some((name) => name === this.app.store.get().tool);
    return { desk, overlay, scene: () => this.scene(), saved: (id) => this.#moved(desk, id), isMeasuring };
  }

  async #readFrames() {
    const { series, held } = this.app.store.get();
    this.frames = [];
    this.places.forget();
    if (!series) return;
    const frames = await this.app.framesOf(series).catch(() => []);
    const now = this.app.store.get();
    if (now.series !== series || now.held !== held) return;
    this.frames = frames;
    this.places.forget();
    this.#show();
  }

  #follow() {
    this.ends.forEach((end) => end());
    this.ends = this.app.panes().map((pane) => pane.onChange(() => this.#draw(pane)));
    for (const pane of this.app.panes()) if (!this.followed.has(pane.surface)) this.#point(pane);
    this.redraw();
  }

  /** The pointer's form tells that something can be taken. @param {Pane} pane */
  #point(pane) {
    this.followed.add(pane.surface);
    pane.surface.addEventListener('pointermove', (event) => {
      const box = pane.surface.getBoundingClientRect();
      const at = /** @type {const} */ ([event.clientX - box.left, event.clientY - box.top]);
      pane.surface.classList.toggle('over-measurement', !this.draw.isDrawing && under(pane, at, event, this.#bench()) !== null);
    });
  }

  /** @returns {Scene} */
  scene() {
    const state = this.app.store.get();
    return { series: state.series, volume: volumeOf(state), frames: this.frames };
  }

  /** All panes, at the next frame. */
  redraw() {
    if (this.asked) return;
    this.asked = requestAnimationFrame(() => {
      this.asked = 0;
      for (const pane of this.app.panes()) this.#draw(pane);
    });
  }

  /** @param {Pane} pane */
  #draw(pane) {
    const scene = this.scene();
    const placement = pane.placement();
    const { desk, preview } = this;
    const kept = desk.records.all.map((record) => itemOf(record, desk, preview, this.draw.isDrawing));
    const { sketch, cursor } = this.draw;
    const mine = sketch && sketch.pane === pane.name && placement && this.draw.isOn(pane, placement) ? sketch : null;
    const draft = mine?.body ? [draftItem(mine.body, spacingOf(mine.placement), preview)] : [];
    const points = mine && !mine.body ? [...mine.points, ...(mine.floating ? [mine.floating] : [])] : [];
    const at = cursor.at?.pane === pane.name ? [cursor.at.place] : [];
    this.overlay.draw(pane, [...kept, ...draft], scene, [...points, ...at]);
  }

  /** The cursor's place, and what it measures by then. @param {string} text */
  #announce(text) {
    const { body, placement } = this.draw.sketch ?? {};
    const told = body && placement ? draftLines(body, spacingOf(placement), this.preview) : [];
    this.panel.announce([text, ...told].join('. '));
  }

  /** @param {Body} body @returns {Promise<import('./draw.js').Fate>} */
  async #finished(body) {
    const { desk } = this;
    try {
      const record = await desk.create(body);
      if (desk === this.desk) this.#tellMade(record);
      return 'kept';
    } catch (error) {
      this.#say(error);
      return isHopeless(error) ? 'refused' : 'failed';
    }
  }

  /** @param {RecordOf} record */
  #tellMade(record) {
    const value = principal(record.Values);
    if (value) this.panel.announce(TEXTS.measure.done(named(value)));
    this.panel.reveal();
  }

  /** A shape was moved or reshaped: kept at once. @param {Desk} desk @param {string} id */
  async #moved(desk, id) {
    try {
      await desk.save(id, ['Geometry']);
    } catch (error) {
      if (isHopeless(error)) desk.discard(id, ['Geometry']);
      this.#say(error);
    }
  }

  /** @param {string} id */
  async #save(id) {
    const { desk } = this;
    await desk.save(id);
    if (desk.outcome === 'saved') this.app.say(TEXTS.measure.saved, 'quiet'); // where theirs was kept, ours wasn't
  }

  /** @param {RecordOf} record */
  async #choose(record) {
    this.desk.select(record.Id);
    const { held, series } = this.app.store.get();
    const wanted = record.Series ?? series;
    if (!wanted) return;
    const [its, frames] = await Promise.all([wanted === series && held ? held : seriesHeld(wanted), this.app.framesOf(wanted)]);
    const to = destinationOf(record, its, frames);
    if (to) await this.app.goTo(to);
    else this.app.say(TEXTS.measure.notShown, 'problem');
  }

  /** Nothing is deleted that nobody sees. */
  #removeSelected() {
    const record = this.desk.selected === null ? null : this.desk.records.get(this.desk.selected);
    if (!record) return false;
    for (const pane of this.app.panes()) this.#draw(pane); // what is new may be waiting for its frame
    const isThere = this.app.panes().some((pane) => this.overlay.shows(record.Id, pane)) || this.panel.hasFocus(record.Id);
    if (isThere) this.#remove(record);
    else this.app.say(TEXTS.measure.notSeen, 'problem');
    return true;
  }

  /** @param {RecordOf} record */
  async #remove(record) {
    const { desk } = this;
    const isGone = await this.#try(() => desk.remove(record));
    if (isGone) this.app.say(TEXTS.measure.deleted(record.Label || kindInWords(record)));
  }

  #undo(isRedo = false) {
    const { desk } = this;
    this.#try(async () => {
      const kind = await (isRedo ? desk.redo() : desk.undo());
      if (kind) this.app.say(TEXTS.measure[isRedo ? 'redone' : 'undone'][kind], 'quiet');
    });
  }

  /** Keys of the tool that draws, where the page doesn't ask it itself. @param {KeyboardEvent} event */
  #key(event) {
    const pane = this.app.panes().find((one) => event.target instanceof Node && one.surface.contains(event.target));
    const tool = this.app.tools.get(this.app.store.get().tool);
    return Boolean(pane && tool?.key && !isTyping(event) && tool.key(pane, event));
  }

  /** What is refused is said. @template T @param {() => Promise<T>} what @returns {Promise<T | null>} */
  async #try(what) {
    try {
      return await what();
    } catch (error) {
      this.#say(error);
      return null;
    }
  }

  /** @param {unknown} error */
  #say(error) {
    if (!(error instanceof Refused)) throw error;
    this.app.say(isForbidden(error) ? TEXTS.measure.noRights : error.message, 'problem');
  }
}
