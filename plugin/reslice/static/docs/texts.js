// Addresses and JSON as text.

/** The address of a route with what is asked of it. @param {string | URL} address @param {URLSearchParams} query */
export function addressOf(address, query) {
  const text = query.toString().replaceAll("%2C", ",");
  return `${address}${text ? `?${text}` : ""}`;
}

/** @param {unknown} value */
export function jsonText(value) {
  const text = JSON.stringify(value, null, 2);
  // Short lists of numbers, such as points, stay on one line.
  return text.replace(/\[\s+(-?[\d.eE+-]+(?:,\s+-?[\d.eE+-]+)*)\s+\]/g, (_, numbers) => `[${numbers.replace(/\s+/g, " ")}]`);
}
