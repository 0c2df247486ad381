/** The address of what is seen, to be given to somebody else. */

import { queryOf } from '../state/url.js';
import { TEXTS } from '../texts.js';
import { element } from '../words.js';
import { brief, dialog } from './parts.js';

/**
 * @typedef {import('../types.js').App} App
 * @typedef {import('../types.js').ViewerState} ViewerState
 */

/**
 * The address of a state, without any token.
 * @param {ViewerState} state @param {string} page the address of this page
 */
export function linkOf(state, page) {
  const link = new URL(page);
  link.search = queryOf(state).toString();
  link.hash = '';
  link.username = '';
  link.password = '';
  return link.href;
}

/** Into the clipboard, or where the browser keeps that from pages (plain http): shown, to be copied. @param {App} app */
export async function copyLink(app) {
  const link = linkOf(app.store.get(), window.location.href);
  try {
    await navigator.clipboard.writeText(link);
    brief(app, TEXTS.ui.link.copied);
  } catch {
    show(link);
  }
}

/** @param {string} link */
function show(link) {
  const field = element('input', { type: 'text', readonly: '', class: 'link', 'aria-label': TEXTS.ui.link.label });
  field.value = link;
  dialog(TEXTS.ui.link.title, element('p', {}, TEXTS.ui.link.copy), field);
  field.select();
}
