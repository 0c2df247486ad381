/** What it means that the server has refused something, or hasn't answered. Pure. */

import { Refused } from '../net/server.js';

const LATER = [408, 429]; // too slow, too often

/** Another change came first. @param {unknown} error */
export function isStale(error) {
  return error instanceof Refused && error.status === 412;
}

/** @param {unknown} error */
export function isGone(error) {
  return error instanceof Refused && (error.status === 404 || error.status === 410);
}

/** It was there, and was deleted. @param {unknown} error */
export function isDeleted(error) {
  return error instanceof Refused && error.status === 410;
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

/** What was asked won't do, however often it is tried. @param {unknown} error */
export function isHopeless(error) {
  return error instanceof Refused && error.status >= 400 && error.status < 500 && !isForbidden(error) && !LATER.includes(error.status);
}
