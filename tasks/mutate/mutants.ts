/**
 * Generates mutants: copies of a source file with one small change, as a programmer's slip would make
 * (DeMillo, Lipton and Sayward, "Hints on Test Data Selection", IEEE Computer 1978).
 *
 * Types are left alone, because they do not exist at run time. So are `invariant` calls, because a
 * correct program behaves equally without them.
 *
 * @module
 */

import ts from "typescript";
import { isJsonObject, type JsonObject } from "../../lib/base/mod.ts";

/** A mutant as reports show it. */
export interface MutantText {
  readonly file: string;
  /** The changed line, or the replaced text if it has several lines, for people. */
  readonly original: string;
  /** The same after the change. */
  readonly mutated: string;
}

/** A mutant: one replacement in a file. */
export interface Mutant extends MutantText {
  /** The line of the change, from 1. */
  readonly line: number;
  /** The offsets of the replaced text. */
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
  /** The expression or statement that contains the change. */
  readonly site: Site;
}

/** The offsets of an expression or statement. */
export interface Site {
  readonly start: number;
  readonly end: number;
  readonly isStatement: boolean;
}

type Edit = Pick<Mutant, "start" | "end" | "replacement" | "site">;

/** Returns an edit of `target`, which is in the expression or statement `site`. */
type Replace = (target: ts.Node, replacement: string, site?: ts.Node) => Edit;

const { SyntaxKind } = ts;

/** The replacements of each binary operator. */
const OPERATORS: ReadonlyMap<ts.SyntaxKind, string> = new Map([
  [SyntaxKind.LessThanToken, "<="],
  [SyntaxKind.LessThanEqualsToken, "<"],
  [SyntaxKind.GreaterThanToken, ">="],
  [SyntaxKind.GreaterThanEqualsToken, ">"],
  [SyntaxKind.EqualsEqualsEqualsToken, "!=="],
  [SyntaxKind.ExclamationEqualsEqualsToken, "==="],
  [SyntaxKind.PlusToken, "-"],
  [SyntaxKind.MinusToken, "+"],
  [SyntaxKind.PlusEqualsToken, "-="],
  [SyntaxKind.MinusEqualsToken, "+="],
  [SyntaxKind.AmpersandAmpersandToken, "||"],
  [SyntaxKind.BarBarToken, "&&"],
]);

const EQUALITIES: ReadonlySet<ts.SyntaxKind> = new Set([
  SyntaxKind.EqualsEqualsEqualsToken,
  SyntaxKind.ExclamationEqualsEqualsToken,
]);

const COMMUTATIVE: ReadonlySet<string> = new Set(["Math.max", "Math.min"]);

/** Constants from here are doubled. One more or less rarely matters, as in a timeout. */
const MIN_DOUBLED = 10;
const MAX_SHOWN_CHARACTERS = 240;

/** Returns the mutants of a source text, ordered by position. */
export function mutantsOf(file: string, text: string): Mutant[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const edits: Edit[] = [];
  const visit = (node: ts.Node) => {
    if (isIgnored(node)) return;
    edits.push(...editsOf(node, source));
    ts.forEachChild(node, visit);
  };
  visit(source);
  return edits.sort((a, b) => a.start - b.start || a.end - b.end)
    .map((edit) => describe(file, text, edit));
}

/** Returns a text that is the same for mutants that reports show alike. */
export function keyOf({ file, original, mutated }: MutantText): string {
  return JSON.stringify([file, original, mutated]);
}

/** Whether a value of a file has the texts of a mutant. */
export function isMutantText(value: unknown): value is MutantText & JsonObject {
  const fields = ["file", "original", "mutated"];
  return isJsonObject(value) && fields.every((field) => typeof value[field] === "string");
}

/** Returns the text with the mutant's change. */
export function applyMutant(
  { start, end, replacement }: Pick<Mutant, "start" | "end" | "replacement">,
  text: string,
): string {
  return text.slice(0, start) + replacement + text.slice(end);
}

/** Types, imports, assertions, and the start of a program, which never runs in a test's process. */
function isIgnored(node: ts.Node): boolean {
  if (ts.isIfStatement(node)) return node.expression.getText() === "import.meta.main";
  return ts.isTypeNode(node) || ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node) || ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    (ts.isCallExpression(node) && ["invariant", "super"].includes(node.expression.getText()));
}

function editsOf(node: ts.Node, source: ts.SourceFile): Edit[] {
  const replace: Replace = (target, replacement, site = target) => ({
    start: target.getStart(source),
    end: target.getEnd(),
    replacement,
    site: {
      start: site.getStart(source),
      end: site.getEnd(),
      isStatement: ts.isStatement(site),
    },
  });
  if (ts.isBinaryExpression(node)) {
    const replacement = OPERATORS.get(node.operatorToken.kind);
    if (replacement === undefined || isConcatenation(node)) return [];
    return [operatorEdit(node, replacement, replace)];
  }
  if (node.kind === SyntaxKind.TrueKeyword) return [replace(node, "false")];
  if (node.kind === SyntaxKind.FalseKeyword) return [replace(node, "true")];
  if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
    return incrementEdits(node, replace);
  }
  if (ts.isNumericLiteral(node)) {
    return otherIntegers(node).map((value) => replace(node, String(value)));
  }
  if (ts.isCallExpression(node)) return swappedArguments(node, replace);
  if (ts.isIfStatement(node)) return negations(node.expression, replace);
  if (ts.isConditionalExpression(node)) return negations(node.condition, replace);
  return isRemovable(node) ? [replace(node, ";")] : [];
}

/** Replaces an operator. Parentheses keep the operands where the new one binds another way. */
function operatorEdit(node: ts.BinaryExpression, operator: string, replace: Replace): Edit {
  const { left, operatorToken, right, parent } = node;
  const isInAnd = operator === "||" && isLogical(parent, SyntaxKind.AmpersandAmpersandToken);
  const isOnOr = operator === "&&" && isLogical(left, SyntaxKind.BarBarToken);
  if (!isInAnd && !isOnOr) return replace(operatorToken, operator, node);
  const [first, second] = [left.getText(), right.getText()];
  const text = `${isOnOr ? `(${first})` : first} ${operator} ${second}`;
  return replace(node, isInAnd ? `(${text})` : text);
}

function isLogical(node: ts.Node, operator: ts.SyntaxKind): boolean {
  return ts.isBinaryExpression(node) && node.operatorToken.kind === operator;
}

/** The negation of an equality is a mutant already. */
function negations(
  condition: ts.Expression,
  replace: Replace,
): Edit[] {
  const isEquality = ts.isBinaryExpression(condition) &&
    EQUALITIES.has(condition.operatorToken.kind);
  return isEquality ? [] : [replace(condition, `!(${condition.getText()})`)];
}

/** Swaps `++` and `--`. */
function incrementEdits(
  node: ts.PrefixUnaryExpression | ts.PostfixUnaryExpression,
  replace: Replace,
): Edit[] {
  const isIncrement = node.operator === SyntaxKind.PlusPlusToken;
  if (!isIncrement && node.operator !== SyntaxKind.MinusMinusToken) return [];
  const edit = replace(node, isIncrement ? "--" : "++");
  return [
    ts.isPrefixUnaryExpression(node)
      ? { ...edit, end: edit.start + 2 }
      : { ...edit, start: edit.end - 2 },
  ];
}

/** Swaps neighbours among the arguments of a call that are variables or properties. */
function swappedArguments(node: ts.CallExpression, replace: Replace): Edit[] {
  const isInOptionalChain = (node.flags & ts.NodeFlags.OptionalChain) !== 0;
  if (isInOptionalChain || COMMUTATIVE.has(node.expression.getText())) return [];
  return node.arguments.flatMap((argument, index, all) => {
    const next = all[index + 1];
    if (next === undefined || !isReference(argument) || !isReference(next)) return [];
    if (argument.getText() === next.getText()) return [];
    const edit = replace(argument, `${next.getText()}, ${argument.getText()}`, node);
    return [{ ...edit, end: next.getEnd() }];
  });
}

function isReference(node: ts.Node): boolean {
  return ts.isIdentifier(node) || ts.isPropertyAccessExpression(node);
}

/** Returns the integers that replace an integer; none for other numbers and names of properties. */
function otherIntegers(node: ts.NumericLiteral): number[] {
  const value = Number(node.text);
  const { parent } = node;
  const isName = ts.isPropertyAssignment(parent) && parent.name === node;
  if (!Number.isSafeInteger(value) || isName) return [];
  if (value >= MIN_DOUBLED) return [value * 2];
  return value === 0 ? [1] : [value - 1, value + 1];
}

/** Whether `+` joins a literal text to something. */
function isConcatenation({ operatorToken, left, right }: ts.BinaryExpression): boolean {
  const isPlus = operatorToken.kind === SyntaxKind.PlusToken ||
    operatorToken.kind === SyntaxKind.PlusEqualsToken;
  return isPlus && (isText(left) || isText(right));
}

function isText(node: ts.Expression): boolean {
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node) ||
    (ts.isBinaryExpression(node) && isConcatenation(node));
}

/** Whether a node is a statement that declares nothing and contains no other statement. */
function isRemovable(node: ts.Node): boolean {
  if (ts.isExpressionStatement(node)) {
    const { expression } = node;
    return !isIgnored(expression) && !ts.isStringLiteral(expression);
  }
  if (ts.isReturnStatement(node)) return !isImplied(node);
  return ts.isThrowStatement(node) ||
    ts.isBreakStatement(node) || ts.isContinueStatement(node);
}

/**
 * Whether a return statement returns nothing or false at the end of a function, which returns nothing
 * anyway. Callers rarely distinguish the two.
 */
function isImplied(node: ts.ReturnStatement): boolean {
  const text = node.expression?.getText() ?? "undefined";
  return (text === "undefined" || text === "false") && isLast(node);
}

/** Whether a function ends after a statement. */
function isLast(node: ts.Statement): boolean {
  const { parent } = node;
  if (ts.isIfStatement(parent)) return isLast(parent);
  if (!ts.isBlock(parent) || parent.statements.at(-1) !== node) return false;
  const { parent: owner } = parent;
  if (ts.isCatchClause(owner)) return isLast(owner.parent);
  return ts.isFunctionLike(owner) || (ts.isIfStatement(owner) && isLast(owner));
}

function describe(file: string, text: string, edit: Edit): Mutant {
  const { start, end, replacement } = edit;
  const line = text.slice(0, start).split("\n").length;
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lineEnd = (text + "\n").indexOf("\n", start);
  const isStatement = replacement === ";";
  const isWithinLine = end <= lineEnd && !isStatement;
  const original = isWithinLine ? text.slice(lineStart, lineEnd) : text.slice(start, end);
  const mutated = isWithinLine
    ? text.slice(lineStart, start) + replacement + text.slice(end, lineEnd)
    : isStatement
    ? "(removed)"
    : replacement;
  return { file, line, ...edit, original: shown(original), mutated: shown(mutated) };
}

function shown(text: string): string {
  const joined = text.trim().replaceAll(/\s+/g, " ");
  return joined.length <= MAX_SHOWN_CHARACTERS
    ? joined
    : `${joined.slice(0, MAX_SHOWN_CHARACTERS - 1)}…`;
}
