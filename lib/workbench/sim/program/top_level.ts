/**
 * The names at the top level of a module, and whether they stand for constants.
 *
 * @module
 */

import { type Named, propertyOf, rootOf } from "./names.ts";
import { child, children, childrenOf, stringOf, type Syntax } from "./syntax.ts";

/** Globals whose members are the same on each read, and whose functions return constants. */
const PURE_GLOBALS = new Set(["BigInt", "Math", "Number", "String", "Symbol"]);
/** The top level of a module. */
export class TopLevel {
  /** All names that statements declare or import. */
  readonly names = new Set<string>();
  /** Constants that hold objects, with their initial values. */
  readonly containers = new Map<string, Syntax>();
  /** Names that are imported from the library. */
  readonly #libraryNames = new Set<string>();

  constructor(statements: readonly Syntax[], isLibrary: (specifier: string) => boolean) {
    for (const statement of statements) {
      if (statement.type !== "ImportDeclaration") continue;
      const fromLibrary = isLibrary(stringOf(statement.source) ?? "");
      for (const { local } of children(statement, "specifiers") as unknown as Importing[]) {
        this.names.add(local.name);
        if (fromLibrary) this.#libraryNames.add(local.name);
      }
    }
  }

  /** Whether a statement declares or does nothing that could change. Adds what it declares. */
  isConstant(statement: Syntax): boolean {
    switch (statement.type) {
      case "ImportDeclaration":
      case "ExportAllDeclaration":
      case "EmptyStatement":
        return true;
      case "ExportNamedDeclaration":
        return !statement.declaration || this.isConstant(child(statement, "declaration"));
      case "ExportDefaultDeclaration": {
        const declaration = child(statement, "declaration");
        return this.isConstant(declaration) || this.#isConstantValue(declaration);
      }
      case "FunctionDeclaration":
        this.#declare(statement.id);
        return true;
      case "ClassDeclaration":
        this.#declare(statement.id);
        return this.#isConstantClass(statement);
      case "VariableDeclaration":
        return children(statement, "declarations").every((declaration) =>
          this.#isConstantVariable(declaration)
        );
      default:
        return false;
    }
  }

  #declare(id: unknown): void {
    if (id) this.names.add((id as { name: string }).name);
  }

  #isConstantVariable({ id, init }: Syntax): boolean {
    const [target, value] = [id as Syntax, init as Syntax | null];
    if (value === null) return false;
    if (target.type === "ObjectPattern") return this.#areConstantMembers(target, value);
    if (target.type !== "Identifier") return false;
    this.#declare(target);
    if (isContainer(value)) this.containers.set((target as unknown as Named).name, value);
    return this.#isConstantValue(value);
  }

  /** Declares the members that a pattern takes from an object; whether they are constants. */
  #areConstantMembers(pattern: Syntax, object: Syntax): boolean {
    const root = rootOf(object);
    const isLibrary = root !== undefined && this.#libraryNames.has(root);
    return isLibrary && children(pattern, "properties").every((property) => {
      const target = property.value as Partial<Named & Syntax> | undefined;
      if (target?.type !== "Identifier") return false;
      this.#declare(target);
      this.#libraryNames.add(target.name as string);
      return true;
    });
  }

  #isConstantClass(node: Syntax): boolean {
    const superClass = node.superClass as Syntax | null;
    if (superClass !== null && superClass.type !== "Identifier") return false;
    return children(child(node, "body"), "body").every((member) =>
      member.type === "MethodDefinition" ||
      (member.type === "PropertyDefinition" && member.static === false)
    );
  }

  #isConstantValue(value: Syntax): boolean {
    switch (value.type) {
      case "Literal":
        return !/[gy]/.test((value.regex as { flags: string } | undefined)?.flags ?? "");
      case "Identifier":
      case "ArrowFunctionExpression":
      case "FunctionExpression":
        return true;
      case "ClassExpression":
        return this.#isConstantClass(value);
      case "AwaitExpression":
        return child(value, "argument").type === "ImportExpression";
      case "MemberExpression": {
        if (child(value, "object").type === "MetaProperty") return true;
        const root = rootOf(value);
        return root !== undefined && (this.names.has(root) || PURE_GLOBALS.has(root));
      }
      case "CallExpression":
        return this.isPureCall(value) && this.#hasConstantParts(value, "arguments");
      case "NewExpression":
        return isContainer(value) && this.#hasConstantParts(value, "arguments");
      case "ArrayExpression":
        return this.#hasConstantParts(value, "elements");
      case "ObjectExpression":
        return children(value, "properties").every((property) =>
          property.type === "SpreadElement"
            ? this.#isConstantValue(child(property, "argument"))
            : property.computed !== true && this.#isConstantValue(child(property, "value"))
        );
      case "SpreadElement":
      case "UnaryExpression":
        return this.#isConstantValue(child(value, "argument"));
      case "TemplateLiteral":
        return this.#hasConstantParts(value, "expressions");
      case "BinaryExpression":
      case "LogicalExpression":
      case "ConditionalExpression":
        return [...childrenOf(value)].every(([, part]) => this.#isConstantValue(part));
      default:
        return false;
    }
  }

  #hasConstantParts(value: Syntax, field: string): boolean {
    return children(value, field).every((part) => this.#isConstantValue(part));
  }

  /** Whether a call is one of the library's functions, or of a global that only computes. */
  isPureCall(call: Syntax): boolean {
    const callee = child(call, "callee");
    const root = rootOf(callee);
    if (root === undefined) return false;
    if (callee.type === "MemberExpression" && propertyOf(callee) === "random") return false;
    return this.#libraryNames.has(root) || PURE_GLOBALS.has(root);
  }
}

interface Importing {
  readonly local: Named;
}

/** Whether a value is an object whose parts could change. */
export function isContainer(value: Syntax): boolean {
  if (value.type === "NewExpression") {
    return ["Map", "Set"].includes(rootOf(value.callee as Syntax) ?? "");
  }
  return value.type === "ObjectExpression" || value.type === "ArrayExpression";
}
