/** Requests to the server that served this page: relative, so that they hold behind any proxy's prefix. */

import { takeEarly } from './early.js';
import { withToken } from './token.js';

/** @typedef {string | URLSearchParams | Record<string, string | number | boolean>} Query */

const ROOT = '../../';
const BUSY = 503;
const MOST_REPEATS = 5;
const LONGEST_PAUSE_SECONDS = 5;

/**
 * The address of a route; names and values of the query are encoded, parts of the path are not.
 * @param {string} path @param {Query} [query]
 */
export function addressOf(path, query = {}) {
  const text = withToken(query).toString();
  return ROOT + path + (text ? `?${text}` : '');
}

/** Why a request failed, in words for whoever sits before the page. */
export class Refused extends Error {
  /**
   * @param {number} status 0: no answer came @param {string} message
   * @param {Readonly<Record<string, unknown>>} [body] what the server told, `Reason` among it
   */
  constructor(status, message, body = {}) {
    super(message);
    this.status = status;
    this.body = body;
    this.reason = String(body.Reason ?? '');
  }
}

/**
 * The answer to another method than GET; a busy server, which has done nothing, is asked again. Throws Refused.
 * @param {string} method @param {string} path
 * @param {{query?: Query, headers?: Record<string, string>, body?: BodyInit, signal?: AbortSignal}} [what]
 */
export async function send(method, path, { query = {}, ...options } = {}) {
  let answer = await once(path, query, { ...options, method });
  for (let k = 0; answer.status === BUSY && k < MOST_REPEATS; k += 1) {
    await pause(Math.min(Number(answer.headers.get('Retry-After')) || 1, LONGEST_PAUSE_SECONDS), options.signal);
    answer = await once(path, query, { ...options, method });
  }
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  throw new Refused(answer.status, String(told.Details || told.Message || `The server answered ${answer.status}.`), told);
}

/**
 * The answer to a GET; a busy server is asked again a few times. Throws Refused.
 * @param {string} path @param {Query} [query] @param {RequestInit} [options]
 */
export async function ask(path, query = {}, options = {}) {
  let answer = await once(path, query, options);
  for (let k = 0; answer.status === BUSY && k < MOST_REPEATS; k += 1) {
    await pause(Math.min(Number(answer.headers.get('Retry-After')) || 1, LONGEST_PAUSE_SECONDS), options.signal);
    answer = await once(path, query, options);
  }
  if (!answer.ok) throw new Refused(answer.status, await reasonOf(answer));
  return answer;
}

/** @param {string} path @param {Query} query @param {RequestInit} options */
async function once(path, query, options) {
  try {
    const address = addressOf(path, query);
    return await ((options.method ? null : takeEarly(address)) ?? fetch(address, options));
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new Refused(0, "The server can't be reached.");
  }
}

/** Wait; who gives up doesn't wait to the end. @param {number} seconds @param {AbortSignal | null} [signal] @returns {Promise<void>} */
function pause(seconds, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, 1000 * seconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve(); // the next request tells that it was given up
    });
  });
}

/**
 * The same as JSON.
 * @param {string} path @param {Query} [query] @param {RequestInit} [options]
 */
export async function askJson(path, query = {}, options = {}) {
  return (await ask(path, query, options)).json();
}

/** @param {Response} answer */
async function reasonOf(answer) {
  if (answer.status === 401 || answer.status === 403) return 'You may not see this.';
  try {
    const told = await answer.json();
    return String(told.Details || told.Message || answer.statusText);
  } catch {
    return `The server answered ${answer.status}.`;
  }
}
