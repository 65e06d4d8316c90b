/**
 * The syntax tree of a module, as the acorn parser returns it.
 *
 * @module
 */

import { type Node as AcornNode, parse } from "npm:acorn@8.19.0";

/** A node of a syntax tree. Which further fields it has depends on its type (see ESTree). */
export interface Syntax extends AcornNode {
  readonly [field: string]: unknown;
}

/** How a text is parsed: as an ECMAScript module or as a CommonJS script. */
export type SourceType = "module" | "script";

/** Parses a program; returns undefined if the parser does not accept it. */
export function parseProgram(text: string, sourceType: SourceType): Syntax | undefined {
  try {
    return parse(text, {
      sourceType,
      ecmaVersion: "latest",
      allowHashBang: true,
      allowReturnOutsideFunction: sourceType === "script",
    }) as unknown as Syntax;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Returns the children of a node with the names of their fields. */
export function* childrenOf(node: Syntax): Generator<[string, Syntax]> {
  for (const [field, value] of Object.entries(node)) {
    if (Array.isArray(value)) {
      for (const item of value) if (isSyntax(item)) yield [field, item];
    } else if (isSyntax(value)) yield [field, value];
  }
}

/** A node and its ancestors, the nearest first. */
export type Visit = (node: Syntax, ancestors: readonly Syntax[], field: string) => void;

/** Visits a node and all of its descendants in the order of the text. */
export function walk(root: Syntax, visit: Visit): void {
  const ancestors: Syntax[] = [];
  const enter = (node: Syntax, field: string) => {
    visit(node, ancestors, field);
    ancestors.unshift(node);
    for (const [name, child] of childrenOf(node)) enter(child, name);
    ancestors.shift();
  };
  enter(root, "");
}

/** Returns a child that the type of its parent requires. */
export function child(node: Syntax, field: string): Syntax {
  return node[field] as Syntax;
}

/** Returns the children in a list; elements that are left out (`[, a]`) are absent. */
export function children(node: Syntax, field: string): Syntax[] {
  return (node[field] as (Syntax | null)[]).filter((item) => item !== null);
}

/** Returns the text of a string literal; undefined for any other node. */
export function stringOf(node: unknown): string | undefined {
  return isSyntax(node) && typeof node.value === "string" ? node.value : undefined;
}

function isSyntax(value: unknown): value is Syntax {
  return typeof value === "object" && value !== null &&
    typeof (value as { type?: unknown }).type === "string";
}
