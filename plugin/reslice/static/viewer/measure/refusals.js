/** What it means that the server has refused something, or hasn't answered. Pure. */

import { Refused } from '../net/server.js';

/** Another change came first. @param {unknown} error */
export function isStale(error) {
  return error instanceof Refused && error.status === 412;
}

/** @param {unknown} error */
export function isGone(error) {
  return error instanceof Refused && (error.status === 404 || error.status === 410);
}

/** The Id that was sent belongs to another measurement, or to one that was deleted. @param {unknown} error */
export function isTaken(error) {
  return error instanceof Refused && ((error.status === 409 && error.reason === 'id-in-use') || error.status === 410);
}

/** Nobody may do this here. @param {unknown} error */
export function isForbidden(error) {
  return error instanceof Refused && (error.status === 401 || error.status === 403);
}

/** The server may have done what was asked, although nothing tells it. @param {unknown} error */
export function isUnanswered(error) {
  return error instanceof Refused && (error.status === 0 || error.status >= 500);
}
