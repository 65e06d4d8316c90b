/**
 * Names in a syntax tree: what an expression starts with, and where a name is declared.
 *
 * @module
 */

import { child, children, childrenOf, stringOf, type Syntax } from "./syntax.ts";
import { FUNCTIONS } from "./step_calls.ts";

/** A node with a name: an identifier. */
export interface Named {
  readonly name: string;
}

/** Returns the name at the start of `a.b.c` or `a`; undefined for any other expression. */
export function rootOf(node: Syntax): string | undefined {
  let current = node;
  while (current.type === "MemberExpression" || current.type === "ChainExpression") {
    current = child(current, current.type === "MemberExpression" ? "object" : "expression");
  }
  return current.type === "Identifier" ? (current as unknown as Named).name : undefined;
}

/** Returns the name of the property in `a.b` or `a["b"]`; undefined for any other expression. */
export function propertyOf(member: Syntax): string | undefined {
  if (member.type !== "MemberExpression") return undefined;
  return member.computed ? stringOf(member.property) : (member.property as unknown as Named).name;
}

/** Whether a function or block around a use declares the name, too. */
export function isShadowed(name: string, ancestors: readonly Syntax[]): boolean {
  return ancestors.some((ancestor) => {
    if (FUNCTIONS.has(ancestor.type)) {
      return children(ancestor, "params").some((param) => declares(param, name));
    }
    if (ancestor.type !== "BlockStatement") return false;
    return children(ancestor, "body").some((statement) =>
      statement.type === "VariableDeclaration"
        ? children(statement, "declarations").some(({ id }) => declares(id as Syntax, name))
        : (statement.id as Named | undefined)?.name === name
    );
  });
}

/** Whether a pattern binds a name. */
function declares(pattern: Syntax, name: string): boolean {
  switch (pattern.type) {
    case "Identifier":
      return (pattern as unknown as Named).name === name;
    case "AssignmentPattern":
      return declares(child(pattern, "left"), name);
    case "Property":
      return declares(child(pattern, "value"), name);
    default:
      return [...childrenOf(pattern)].some(([, part]) => declares(part, name));
  }
}
