/**
 * Finds out whether a module may have state at its top level: values that its functions could
 * change, so that each node needs an instance of the module of its own.
 *
 * The answer errs on the side of state. A module without state has only imports, functions, classes
 * and constants at its top level, and its code changes none of them.
 *
 * @module
 */

import { isShadowed, type Named, propertyOf, rootOf } from "./names.ts";
import { FUNCTIONS } from "./step_calls.ts";
import { child, children, childrenOf, stringOf, type Syntax, type Visit, walk } from "./syntax.ts";
import { isContainer, TopLevel } from "./top_level.ts";

/** Identifiers through which code may reach state that has no name in the module. */
const ESCAPES = new Set(["eval", "Function", "global", "globalThis", "self", "window"]);
const ESCAPING_PROPERTIES = new Set(["constructor", "prototype", "__proto__"]);
/** Functions that return a value of their arguments without keeping them. */
const PURE_METHODS = new Set([
  "at",
  "entries",
  "every",
  "filter",
  "find",
  "findIndex",
  "flatMap",
  "forEach",
  "get",
  "has",
  "includes",
  "indexOf",
  "join",
  "keys",
  "map",
  "reduce",
  "slice",
  "some",
  "values",
]);
/** Methods of a node that only read their arguments. */
const READING_CALLS = new Set(["on", "reply", "rpc", "rpcFor", "send"]);

/**
 * Returns whether a module may have state at its top level. `isImported` is whether other modules
 * import it: they could change the objects that it exports.
 */
export function mayHaveState(
  program: Syntax,
  isLibrary: (specifier: string) => boolean,
  isImported: boolean,
): boolean {
  const search = new StateSearch(program, isLibrary);
  return search.find() || (isImported && search.exportsContainer());
}

class StateSearch {
  readonly #statements: readonly Syntax[];
  readonly #topLevel: TopLevel;

  constructor(program: Syntax, isLibrary: (specifier: string) => boolean) {
    this.#statements = children(program, "body");
    this.#topLevel = new TopLevel(this.#statements, isLibrary);
  }

  find(): boolean {
    return this.#statements.some((statement) => !this.#topLevel.isConstant(statement)) ||
      this.#mayChangeNames();
  }

  exportsContainer(): boolean {
    return this.#statements.some((statement) => {
      if (!statement.type.startsWith("Export")) return false;
      let found = false;
      walk(statement, (node, ancestors) => {
        const { name } = node as Partial<Named>;
        const isOutside = ancestors.every(({ type }) =>
          !FUNCTIONS.has(type) && type !== "ClassDeclaration"
        );
        found ||= isOutside && (isContainer(node) || this.#topLevel.containers.has(name ?? ""));
      });
      return found;
    });
  }

  /** Whether code of the module may change what a name at the top level stands for. */
  #mayChangeNames(): boolean {
    let found = false;
    const search: Visit = (node, ancestors, field) => {
      if (found) return;
      if (isTarget(node, ancestors, field)) found = this.#assignsName(node, ancestors);
      else if (node.type === "MemberExpression") {
        found = ESCAPING_PROPERTIES.has(propertyOf(node) ?? "");
      } else if (node.type === "Identifier" && !isPropertyName(ancestors, field)) {
        found = this.#isChangingUse(node, ancestors, field);
      }
    };
    for (const statement of this.#statements) walk(statement, search);
    return found;
  }

  /** Whether a target of an assignment, also one in a pattern, is a name or a part of one. */
  #assignsName(target: Syntax, ancestors: readonly Syntax[]): boolean {
    const isPattern = target.type.endsWith("Pattern");
    const parts = isPattern ? [...childrenOf(target)].map(([, part]) => part) : [];
    const root = rootOf(target);
    return (root !== undefined && this.#topLevel.names.has(root) && !isShadowed(root, ancestors)) ||
      parts.some((part) =>
        this.#assignsName(part.type === "Property" ? child(part, "value") : part, ancestors)
      );
  }

  #isChangingUse(node: Syntax, ancestors: readonly Syntax[], field: string): boolean {
    const { name } = node as unknown as Named;
    if (ESCAPES.has(name)) return !isShadowed(name, ancestors);
    const container = this.#topLevel.containers.get(name);
    return container !== undefined && !isDeclaration(ancestors, field) &&
      !isShadowed(name, ancestors) && !this.#isReadOnlyUse(node, ancestors, container);
  }

  /** Whether a use of a container, or of a part of it, can neither change nor keep it. */
  #isReadOnlyUse(use: Syntax, ancestors: readonly Syntax[], container: Syntax): boolean {
    let [value, current, index]: [Syntax | undefined, Syntax, number] = [container, use, 0];
    for (;;) {
      const parent = ancestors[index] as Syntax;
      if (parent.type !== "MemberExpression" || parent.object !== current) break;
      const property = propertyOf(parent);
      const grandparent = ancestors[index + 1] as Syntax;
      if (grandparent.type === "CallExpression" && grandparent.callee === parent) {
        return property !== undefined && PURE_METHODS.has(property);
      }
      if (property === undefined && value !== undefined && isFlat(value)) return true;
      value = value === undefined ? undefined : partOf(value, property);
      if (value !== undefined && !isContainer(value)) return true;
      [current, index] = [parent, index + 1];
    }
    return this.#isReadOnlyPlace(current, ancestors.slice(index));
  }

  #isReadOnlyPlace(value: Syntax, [parent, ...outer]: readonly Syntax[]): boolean {
    switch (parent?.type) {
      case "CallExpression": {
        const callee = child(parent, "callee");
        return this.#topLevel.isPureCall(parent) || READING_CALLS.has(propertyOf(callee) ?? "");
      }
      case "ExportDefaultDeclaration":
      case "ExportSpecifier":
        return true;
      case "ForOfStatement":
        return parent.right === value;
      case "BinaryExpression":
        return true;
      case "SpreadElement":
        return true;
      case "Property":
      case "ObjectExpression":
      case "ArrayExpression":
        return this.#isReadOnlyPlace(parent, outer);
      default:
        return false;
    }
  }
}

/** Returns the part of an object literal with a name; undefined if the text does not determine it. */
function partOf(container: Syntax, name: string | undefined): Syntax | undefined {
  if (container.type !== "ObjectExpression" || name === undefined) return undefined;
  const last = children(container, "properties").findLast((property) =>
    property.type === "SpreadElement" || (property.key as Partial<Named>).name === name ||
    stringOf(property.key) === name
  );
  return last === undefined || last.type === "SpreadElement" ? undefined : child(last, "value");
}

/** Whether no part of an object or list literal is an object that could change. */
function isFlat(container: Syntax): boolean {
  const parts = container.type === "ObjectExpression"
    ? children(container, "properties").map((property) => property.value as Syntax | undefined)
    : container.type === "ArrayExpression"
    ? children(container, "elements")
    : [undefined];
  return parts.every((part) =>
    part !== undefined && part.type !== "SpreadElement" && !isContainer(part)
  );
}

/** Whether a node is assigned to, incremented or deleted. */
function isTarget(node: Syntax, [parent]: readonly Syntax[], field: string): boolean {
  switch (parent?.type) {
    case "AssignmentExpression":
    case "ForOfStatement":
    case "ForInStatement":
      return field === "left" && node.type !== "VariableDeclaration";
    case "UpdateExpression":
      return true;
    case "UnaryExpression":
      return parent.operator === "delete";
    default:
      return false;
  }
}

function isPropertyName([parent]: readonly Syntax[], field: string): boolean {
  return (field === "property" || field === "key") && parent?.computed === false;
}

function isDeclaration([parent]: readonly Syntax[], field: string): boolean {
  return parent?.type === "VariableDeclarator" && field === "id";
}
