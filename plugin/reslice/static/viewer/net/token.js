/** The token of a link into one of our pages: kept here, and gone from the address bar and the history. */

/** @type {string | null} */
let token = null;

/** Keep the token, and take it out of the address. */
export function takeToken() {
  const address = new URL(window.location.href);
  if (!address.searchParams.has('token')) return;
  token = address.searchParams.get('token');
  address.searchParams.delete('token');
  window.history.replaceState(window.history.state, '', address);
}

/**
 * A query as it is sent: with the token, where there is one.
 * @param {string | URLSearchParams | Record<string, string | number | boolean>} query
 */
export function withToken(query) {
  const isText = typeof query === 'string' || query instanceof URLSearchParams;
  const asked = new URLSearchParams(isText ? query : Object.entries(query).map(([key, value]) => [key, String(value)]));
  if (token !== null) asked.set('token', token);
  return asked;
}
