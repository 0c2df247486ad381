// Every text of texts.js is shown somewhere. (That none is missing is what the type checker says.)
import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import ts from 'typescript';
import { languageService, viewer } from '../project.mjs';

const file = path.join(viewer, 'texts.js');
const service = languageService();
const program = service.getProgram();
const checker = program.getTypeChecker();
const source = program.getSourceFile(file);

/** The object that an expression is: written there, or a constant of this or another file. */
function objectIn(expression) {
  if (ts.isParenthesizedExpression(expression)) return objectIn(expression.expression); // whatever is said of its type
  if (ts.isObjectLiteralExpression(expression)) return expression;
  if (!ts.isIdentifier(expression)) return null;
  const symbol = checker.getSymbolAtLocation(expression);
  const { valueDeclaration: declaration } = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return declaration?.initializer ? objectIn(declaration.initializer) : null;
}

function declared() {
  const declarations = source.statements.filter(ts.isVariableStatement).flatMap(one => [...one.declarationList.declarations]);
  return declarations.find(one => one.name.getText() === 'TEXTS');
}

/** The innermost node at a place of a file; none of types in comments. */
function nodeAt(reference) {
  const inside = program.getSourceFile(reference.fileName);
  const { start, length } = reference.textSpan;
  const search = node => ts.forEachChild(node, child => (child.getStart() <= start && start + length <= child.end ? search(child) ?? child : undefined));
  return search(inside);
}

/** Where a name is used: references, but for its own definition. */
function usesOf(name) {
  const inside = name.getSourceFile().fileName;
  const references = (service.findReferences(inside, name.getStart()) ?? []).flatMap(one => one.references);
  const others = references.filter(one => one.fileName !== inside || one.textSpan.start !== name.getStart());
  return others.flatMap(one => nodeAt(one) ?? []);
}

/** Whether an object is used as a whole, or by keys that are known only when the page runs. */
function isUsedWhole(node) {
  const access = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node ? node.parent : node;
  const user = access.parent;
  if (ts.isPropertyAccessExpression(user) && user.expression === access) return false;
  if (ts.isElementAccessExpression(user) && user.expression === access) return !ts.isStringLiteral(user.argumentExpression);
  if (ts.isVariableDeclaration(user) && ts.isObjectBindingPattern(user.name)) return false;
  if (ts.isVariableDeclaration(user)) return usesOfVariable(user.name).some(isUsedWhole);
  return !ts.isBindingElement(user) && !ts.isImportSpecifier(user) ? true : usesOfVariable(node).some(isUsedWhole);
}

function usesOfVariable(name) {
  const inside = name.getSourceFile().fileName;
  const found = (service.findReferences(inside, name.getStart()) ?? []).flatMap(one => one.references);
  const others = found.filter(one => one.fileName === inside && one.textSpan.start !== name.getStart());
  return others.flatMap(one => nodeAt(one) ?? []).filter(node => !ts.isImportSpecifier(node.parent) && !ts.isBindingElement(node.parent));
}

/** The paths of texts that nobody uses. */
function unused(object, above = 'TEXTS') {
  return object.properties.flatMap((property) => {
    const told = `${above}.${property.name.getText()}`;
    const uses = usesOf(property.name);
    const inner = ts.isPropertyAssignment(property) ? objectIn(property.initializer) : null;
    if (!inner) return uses.length > 0 ? [] : [told];
    return uses.some(isUsedWhole) ? [] : unused(inner, told);
  });
}

test('every text is used', () => {
  assert.deepEqual(unused(objectIn(declared().initializer)), []);
});
