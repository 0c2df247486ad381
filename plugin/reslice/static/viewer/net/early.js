/**
 * What the page's address names, asked for while the page's other modules are still on their way: on a slow line these
 * take longer than the answer. Runs by itself, before them, so it imports none.
 */

/** @type {Map<string, Promise<Response>>} by address */
const asked = new Map();

/** The addresses that the page will ask for first, as net/server.js writes them. @param {URLSearchParams} query */
export function addressesOf(query) {
  const [series, study, token] = ['series', 'study', 'token'].map((name) => query.get(name));
  /** @type {Record<string, string>} */
  const tokens = token === null ? {} : { token };
  const at = (/** @type {string} */ path, /** @type {Record<string, string>} */ wanted = {}) => {
    const text = new URLSearchParams({ ...wanted, ...tokens }).toString();
    return `../../${path}${text ? `?${text}` : ''}`;
  };
  if (series) return [at(`series/${encodeURIComponent(series)}/volumes`), at(`series/${encodeURIComponent(series)}`)];
  if (!study) return [];
  const path = `studies/${encodeURIComponent(study)}`;
  return [at(path), at(`${path}/series`, { expand: '' })];
}

/** The answer that is on its way, for whoever asks first: it isn't kept for the next. @param {string} address */
export function takeEarly(address) {
  const answer = asked.get(address);
  asked.delete(address);
  return answer ?? null;
}

const { search = '' } = globalThis.location ?? {}; // there is none where modules are tested
for (const address of addressesOf(new URLSearchParams(search))) {
  const answer = fetch(address);
  answer.catch(() => {}); // whoever takes it hears of it
  asked.set(address, answer);
}
