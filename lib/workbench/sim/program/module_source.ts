/**
 * Reads a module of a node: removes its types, finds its imports, and inserts the calls that count
 * its steps.
 *
 * @module
 */

import { stripTypeScriptTypes } from "node:module";
import { type CodeOrigin, registerOrigin, type SourceMapPayload } from "./source_positions.ts";
import { FUNCTIONS, insertStepCalls, STEP } from "./step_calls.ts";
import { children, parseProgram, stringOf, type Syntax, walk } from "./syntax.ts";

/** A module as the simulation runs it. */
export interface ModuleSource {
  readonly url: string;
  readonly code: string;
  readonly imports: readonly string[];
  /** The literal specifiers of dynamic imports. */
  readonly dynamicImports: readonly string[];
  /** Whether the module may evaluate code that has an `import()`. */
  readonly evaluates: boolean;
  /** Whether the module waits at its top level. */
  readonly waits: boolean;
  /** Undefined if the module has a syntax error, which its evaluation reports. */
  readonly program: Syntax | undefined;
}

const TYPESCRIPT = /\.(?:ts|mts|tsx)$/;
/** The name of the function that stands for `import` in `import()`, and is as long. */
const LOAD = "__load";
const SOURCE_MAP = /\n\/\/# sourceMappingURL=data:application\/json;base64,(\S+)\s*$/;
/** The names by which code may reach the global object. */
const GLOBAL_NAMES = ["globalThis", "global", "self", "window"];

/** Prepares the source text of a module. Throws a SyntaxError for invalid TypeScript. */
export function prepareModule(url: string, text: string): ModuleSource {
  const { code, sourceMap } = TYPESCRIPT.test(url) ? removeTypes(url, text) : plain(text);
  const parsed = parseProgram(code, "module");
  if (parsed === undefined) {
    return {
      url,
      code,
      imports: [],
      dynamicImports: [],
      evaluates: false,
      waits: false,
      program: undefined,
    };
  }
  const { text: withoutMain, program } = removeMainBlocks(code, parsed);
  const loading = replaceImports(withoutMain, program);
  const inserted = insertStepCalls(loading, program, prefixOf(program));
  const origin: CodeOrigin = { insertions: inserted.insertions, sourceMap };
  registerOrigin(url, origin);
  return { url, code: inserted.code, program, ...importsOf(program) };
}

/**
 * Blanks the statements `if (import.meta.main) …`, which never run in a simulation. A module whose
 * only `await` is in there is thus complete as soon as it is evaluated.
 */
function removeMainBlocks(code: string, program: Syntax) {
  const statements = children(program, "body");
  const removed = statements.filter(isMainBlock);
  let text = code;
  for (const { start, end } of removed) {
    const blank = text.slice(start, end).replace(/[^\n]/g, " ");
    text = text.slice(0, start) + blank + text.slice(end);
  }
  const body = statements.filter((statement) => !removed.includes(statement));
  return { text, program: { ...program, body } };
}

function isMainBlock({ type, test, alternate }: Syntax): boolean {
  if (type !== "IfStatement" || alternate) return false;
  const { object, property } = test as Partial<Record<string, Syntax>>;
  return object?.type === "MetaProperty" && property?.name === "main";
}

/** Replaces `import` in each `import()`, without moving what follows. */
function replaceImports(code: string, program: Syntax): string {
  let replaced = code;
  walk(program, ({ type, start }) => {
    if (type !== "ImportExpression") return;
    replaced = replaced.slice(0, start) + LOAD + replaced.slice(start + LOAD.length);
  });
  return replaced;
}

function plain(text: string) {
  return { code: text, sourceMap: undefined };
}

function removeTypes(url: string, text: string) {
  const output = stripTypeScriptTypes(text, {
    mode: "transform",
    sourceMap: true,
    sourceUrl: url,
  });
  const [comment, encoded] = SOURCE_MAP.exec(output) ?? [];
  if (comment === undefined || encoded === undefined) return plain(output);
  const bytes = Uint8Array.from(atob(encoded), (character) => character.charCodeAt(0));
  const sourceMap = JSON.parse(new TextDecoder().decode(bytes)) as SourceMapPayload;
  return { code: output.slice(0, -comment.length), sourceMap };
}

/**
 * Returns the declarations before a module's own code: the function that counts steps, that which
 * imports, and the node's own global object under the names that the module uses for it.
 */
function prefixOf(program: Syntax): string {
  const used = new Set<string>();
  const declared = new Set<string>();
  let load = "";
  walk(program, (node, _ancestors, field) => {
    if (node.type === "ImportExpression") load = `,load:${LOAD}`;
    if (node.type !== "Identifier") return;
    const { name } = node as unknown as { readonly name: string };
    const isDeclared = field === "id" || field === "params" || field === "local";
    if (GLOBAL_NAMES.includes(name)) (isDeclared ? declared : used).add(name);
  });
  const names = GLOBAL_NAMES.filter((name) => used.has(name) && !declared.has(name));
  const globals = names.map((name) => `,global:${name}`).join("");
  return `const {step:${STEP}${load}${globals}}=import.meta.simulation;`;
}

function importsOf(program: Syntax) {
  const imports = new Set<string>();
  const dynamicImports = new Set<string>();
  let evaluates = false;
  let waits = false;
  walk(program, (node, ancestors) => {
    evaluates ||= node.name === "eval";
    if (node.type === "AwaitExpression" || node.await === true) {
      waits ||= ancestors.every(({ type }) => !FUNCTIONS.has(type));
    }
    const specifier = stringOf(node.source);
    if (specifier === undefined) return;
    if (node.type === "ImportExpression") dynamicImports.add(specifier);
    else if (/^(?:Import|Export)/.test(node.type)) imports.add(specifier);
  });
  return {
    imports: [...imports],
    dynamicImports: [...dynamicImports],
    evaluates,
    waits,
  };
}
