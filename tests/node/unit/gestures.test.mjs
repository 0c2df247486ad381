// What hands do on a pane, by the events that a browser makes of it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { listen } from '../../../plugin/reslice/static/viewer/panes/gestures.js';

globalThis.WheelEvent ??= class { static DOM_DELTA_LINE = 1; };

class Surface extends EventTarget {
  getBoundingClientRect() {
    return { left: 10, top: 20 };
  }

  setPointerCapture() {}
}

/** A surface, and what its handlers have been told. */
function surface() {
  const element = new Surface();
  const told = [];
  const drag = (hand, at) => {
    told.push(['drag', hand, ...at]);
    return {
      move: place => told.push(['move', ...place]),
      end: place => told.push(['end', ...place]),
      cancel: () => told.push(['cancel']),
    };
  };
  const end = listen(element, {
    drag,
    wheel: (steps, at) => told.push(['wheel', steps, ...at]),
    pinch: (factor, by, at) => told.push(['pinch', factor, ...by, ...at]),
    hover: at => told.push(['hover', ...(at ?? [null])]),
    double: at => told.push(['double', ...at]),
  });
  const send = (type, facts = {}) => {
    const event = Object.assign(new Event(type, { cancelable: true }), { clientX: 10, clientY: 20, ...facts });
    element.dispatchEvent(event);
    return event;
  };
  return { end, send, told };
}

const mouse = (x, y, button = 0) => ({ pointerId: 1, pointerType: 'mouse', button, clientX: 10 + x, clientY: 20 + y });
const finger = (pointerId, x, y) => ({ pointerId, pointerType: 'touch', button: 0, clientX: 10 + x, clientY: 20 + y });

for (const [button, hand] of [[0, 'left'], [1, 'middle'], [2, 'right']]) {
  test(`the ${hand} button drags from where it went down to where it is let go`, () => {
    const { send, told } = surface();
    send('pointerdown', mouse(1, 2, button));
    send('pointermove', mouse(5, 6, button));
    send('pointerup', mouse(7, 8, button));
    send('pointermove', mouse(9, 9, button));
    assert.deepEqual(told, [['drag', hand, 1, 2], ['move', 5, 6], ['end', 7, 8], ['hover', 9, 9]]);
  });
}

test('other buttons do nothing', () => {
  const { send, told } = surface();
  send('pointerdown', mouse(1, 2, 3));
  send('pointermove', mouse(3, 4, 3));
  assert.deepEqual(told, []);
});

test('one finger is the left hand; a second ends what it did, and both pinch', () => {
  const { send, told } = surface();
  send('pointerdown', finger(1, 0, 0));
  send('pointermove', finger(1, 10, 0));
  send('pointerdown', finger(2, 110, 0));
  send('pointermove', finger(2, 210, 0));
  assert.deepEqual(told, [['drag', 'left', 0, 0], ['move', 10, 0], ['cancel'], ['pinch', 2, 50, 0, 110, 0]]);
});

test('the finger that is left after a pinch does nothing', () => {
  const { send, told } = surface();
  send('pointerdown', finger(1, 0, 0));
  send('pointerdown', finger(2, 100, 0));
  send('pointerup', finger(1, 0, 0));
  send('pointermove', finger(2, 50, 50));
  send('pointerup', finger(2, 50, 50));
  assert.deepEqual(told, [['drag', 'left', 0, 0], ['cancel']]);
});

test('three fingers drag by a hand of their own', () => {
  const { send, told } = surface();
  for (const id of [1, 2, 3]) send('pointerdown', finger(id, 10 * id, 0));
  send('pointermove', finger(3, 30, 40));
  assert.deepEqual(told, [['drag', 'left', 10, 0], ['cancel'], ['drag', 'three', 30, 0], ['move', 30, 40]]);
});

test('a pointer that the browser takes away cancels', () => {
  const { send, told } = surface();
  send('pointerdown', mouse(1, 2));
  send('pointercancel', mouse(1, 2));
  send('pointermove', mouse(3, 4));
  assert.deepEqual(told, [['drag', 'left', 1, 2], ['cancel'], ['hover', 3, 4]]);
});

test('a notch of a wheel is a step, whatever it counts in, and the page stays where it is', () => {
  for (const facts of [{ deltaY: 100, deltaMode: 0 }, { deltaY: 120, deltaMode: 0 }, { deltaY: 53, deltaMode: 0 }, { deltaY: 3, deltaMode: 1 }]) {
    const { send, told } = surface();
    assert(send('wheel', { deltaX: 0, ...facts }).defaultPrevented);
    send('wheel', { deltaX: 0, ...facts, deltaY: -facts.deltaY });
    assert.deepEqual(told, [['wheel', 1, 0, 0], ['wheel', -1, 0, 0]]);
  }
});

test('a fast wheel is many steps', () => {
  const { send, told } = surface();
  send('wheel', { deltaX: 0, deltaY: 400, deltaMode: 0 });
  assert.deepEqual(told, [['wheel', 4, 0, 0]]);
});

test("a touchpad's small movements add up, and turning round begins anew", () => {
  const { send, told } = surface();
  const moved = (deltaY, times) => Array.from({ length: times }).forEach(() => send('wheel', { deltaX: 0, deltaY, deltaMode: 0 }));
  moved(26, 3);
  assert.deepEqual(told, []);
  moved(26, 1);
  assert.deepEqual(told, [['wheel', 1, 0, 0]]);
  moved(26, 3);
  moved(-26, 3);
  assert.equal(told.length, 1);
  moved(-26, 1);
  assert.deepEqual(told[1], ['wheel', -1, 0, 0]);
});

test('double clicks and leaving are told, and menus do not open', () => {
  const { send, told } = surface();
  send('dblclick', { clientX: 15, clientY: 26 });
  send('pointerleave', mouse(0, 0));
  assert(send('contextmenu').defaultPrevented);
  assert.deepEqual(told, [['double', 5, 6], ['hover', null]]);
});

test('nothing is told any more once the listening has ended', () => {
  const { end, send, told } = surface();
  end();
  send('pointerdown', mouse(1, 2));
  send('wheel', { deltaX: 0, deltaY: 100, deltaMode: 0 });
  assert.deepEqual(told, []);
});
