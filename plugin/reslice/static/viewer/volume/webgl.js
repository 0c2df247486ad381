/**
 * `webgl=off` in the page's address: the server renders in 3-D; `on`: WebGL does, even without a graphics processor, where the
 * server is faster. Read when the page starts, since its address changes with what is shown.
 */
export const WEBGL = new URLSearchParams(window.location.search).get('webgl');
