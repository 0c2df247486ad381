/** What is searched for: as the page's address holds it, and as the work list takes it. No part of it knows the page. */

/**
 * @typedef {object} Search
 * @property {string} search words
 * @property {string} modality code strings separated by commas; '' is any
 * @property {string} from the first day, `2024-01-31`, or ''
 * @property {string} to the last day, or ''
 * @property {string} order one of ORDERS
 */

export const PAGE = 24;
export const ORDERS = /** @type {const} */ ([
  '-study-date',
  'study-date',
  '-last-update',
  'patient-name',
  'patient-id',
  'accession-number',
  'study-description',
]);
export const LONGEST_SEARCH = 128;

const LARGEST_PAGE = 500;
const MOST_MODALITIES = 32;
const MODALITY = /^[A-Z0-9_]{1,16}$/;
const DATES = /^(\d{8})?(-?)(\d{8})?$/;

/** What an address asks for; the work list refuses what it doesn't understand, so that is left out. @param {URLSearchParams} query @returns {Search} */
export function searchIn(query) {
  const order = query.get('order-by') ?? '';
  const [from, to] = daysIn(query.get('date') ?? '');
  return {
    search: limited(query.get('search') ?? ''),
    modality: modalitiesIn(query.get('modality') ?? ''),
    from,
    to,
    order: ORDERS.find((known) => known === order) ?? ORDERS[0],
  };
}

/** The query of the page's address: only what differs from the page as it opens. @param {Search} search */
export function addressQuery({ search, modality, from, to, order }) {
  const query = new URLSearchParams();
  if (search.trim()) query.set('search', limited(search.trim()));
  if (modality) query.set('modality', modality);
  if (areInOrder(from, to) && (from || to)) query.set('date', range(from, to));
  if (order !== ORDERS[0]) query.set('order-by', order);
  return query;
}

/**
 * The query of `/reslice/studies`.
 * @param {Search} search @param {number} since @param {number} [limit]
 */
export function routeQuery(search, since, limit = PAGE) {
  const query = addressQuery(search);
  query.set('order-by', search.order);
  query.set('since', String(since));
  query.set('limit', String(Math.min(Math.max(limit, 1), LARGEST_PAGE)));
  return query;
}

/** Whether anything but the order differs from the whole work list. @param {Search} search */
export function isNarrowed({ search, modality, from, to }) {
  return Boolean(search.trim() || modality || from || to);
}

/** Whether a range of days doesn't end before it begins. @param {string} from @param {string} to */
export function areInOrder(from, to) {
  return !from || !to || from <= to;
}

/** @param {string} from @param {string} to */
function range(from, to) {
  const [first, last] = [from, to].map((day) => day.replaceAll('-', ''));
  return from === to ? first : `${first}-${last}`;
}

/** The days of `20240131`, `20240101-20240131`, `20240101-` or `-20240131`; none of anything else. @param {string} text */
function daysIn(text) {
  const [, first = '', dash = '', last = ''] = DATES.exec(text) ?? [];
  const [from, to] = [first, dash ? last : first].map((digits) => (digits ? isoDay(digits) : ''));
  const isRange = from !== null && to !== null && areInOrder(from, to) && (dash !== '' || !last);
  return isRange ? [from, to] : ['', ''];
}

/** `2024-01-31` of `20240131`, null of what is no day of the calendar. @param {string} digits */
function isoDay(digits) {
  const text = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].join('-');
  const time = Date.parse(`${text}T00:00:00Z`);
  const isReal = !Number.isNaN(time) && new Date(time).toISOString().startsWith(text) && !text.startsWith('0000');
  return isReal ? text : null;
}

/** @param {string} text */
function modalitiesIn(text) {
  const parts = text.split(',').map((part) => part.trim().toUpperCase());
  const areAll = parts.length <= MOST_MODALITIES && parts.every((part) => MODALITY.test(part));
  return areAll ? [...new Set(parts)].join(',') : '';
}

/** Characters are counted as the server counts them, so that none is cut in two. @param {string} text */
function limited(text) {
  return [...text].slice(0, LONGEST_SEARCH).join('');
}
