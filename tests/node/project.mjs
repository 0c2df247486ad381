// The viewer's modules as the type checker sees them.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const folder = path.dirname(fileURLToPath(import.meta.url));
export const viewer = path.resolve(folder, '../../plugin/reslice/static/viewer');

/** A service that knows the pages' modules, configured as for tsc. */
export function languageService() {
  const { config } = ts.readConfigFile(path.join(folder, 'tsconfig.json'), ts.sys.readFile);
  const { options, fileNames } = ts.parseJsonConfigFileContent(config, ts.sys, folder);
  return ts.createLanguageService({
    ...ts.sys,
    getCompilationSettings: () => options,
    getDefaultLibFileName: ts.getDefaultLibFilePath,
    getScriptFileNames: () => fileNames,
    getScriptSnapshot: name => (ts.sys.fileExists(name) ? ts.ScriptSnapshot.fromString(readFileSync(name, 'utf8')) : undefined),
    getScriptVersion: () => '1',
    useCaseSensitiveFileNames: () => ts.sys.useCaseSensitiveFileNames,
  });
}

/** The files that a module imports, before it runs or later, also by a constant; types in comments are none. */
export function importsOf(file) {
  const text = readFileSync(file, 'utf8');
  const imported = ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => fileName);
  const constants = [...text.matchAll(/^const [A-Z]+ = '(\.{1,2}\/[^']+\.js)';/gm)].map(([, name]) => name);
  return [...imported, ...constants].map(name => path.resolve(path.dirname(file), name));
}
