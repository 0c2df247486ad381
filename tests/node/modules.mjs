// Some packages, and the pages' scripts, keep modules in files that say so neither by their suffix nor by a package.json.
// Browsers and bundlers don't mind, newer versions of Node find out, Node 18 and Node 20 before 20.19 must be told.
export async function resolve(name, context, next) {
  const found = await next(name, context);
  const url = name === 'dcmjs' ? new URL('./dcmjs.es.js', found.url).href : found.url;
  return /\/esm\/|\.es\.js$|\/reslice\/static\//.test(url) ? { ...found, url, format: 'module' } : found;
}
