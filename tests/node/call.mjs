// node call.mjs FILE: calls functions of the viewer's modules. FILE holds a list of {Module, Function, Arguments}; what they
// answer is told as a JSON list.
import { readFileSync } from 'node:fs';
import './page.mjs';

const viewer = new URL('../../plugin/reslice/static/viewer/', import.meta.url);
const answers = [];
for (const { Module, Function: name, Arguments } of JSON.parse(readFileSync(process.argv[2], 'utf8'))) {
  const module = await import(new URL(Module, viewer).href);
  answers.push(module[name](...Arguments));
}
console.log(JSON.stringify(answers));
