/**
 * Inserts a call into each loop and function of a module, which counts the steps of its code. So
 * code that never yields ends with an error at its location, and after the same number of steps on
 * every machine.
 *
 * @module
 */

import type { Insertion } from "./source_positions.ts";
import { child, type Syntax, walk } from "./syntax.ts";

/** The name of the inserted function in a module. */
export const STEP = "__step";

const LOOPS = new Set([
  "ForStatement",
  "ForInStatement",
  "ForOfStatement",
  "WhileStatement",
  "DoWhileStatement",
]);
/** The types of syntax nodes that are functions. */
export const FUNCTIONS: ReadonlySet<string> = new Set([
  "FunctionDeclaration",
  "FunctionExpression",
  "ArrowFunctionExpression",
]);

/** Code with insertions. */
export interface InsertedCode {
  readonly code: string;
  readonly insertions: readonly Insertion[];
}

/** Inserts a text at the start of the program, and the calls into its loops and functions. */
export function insertStepCalls(code: string, program: Syntax, prefix: string): InsertedCode {
  const texts: { readonly at: number; readonly text: string }[] = [];
  const add = (at: number, text: string) => texts.push({ at, text });
  const shebangEnd = code.startsWith("#!") ? code.indexOf("\n") + 1 : 0;
  add(shebangEnd, prefix);
  walk(program, (node) => {
    if (LOOPS.has(node.type)) {
      const body = child(node, "body");
      if (body.type === "BlockStatement") add(body.start + 1, `${STEP}();`);
      else {
        add(body.start, `{${STEP}();`);
        add(body.end, "}");
      }
    } else if (FUNCTIONS.has(node.type)) {
      const body = child(node, "body");
      if (body.type === "BlockStatement") add(afterDirectives(body), `${STEP}();`);
      else {
        add(body.start, `(${STEP}(),`);
        add(body.end, ")");
      }
    }
  });
  return insertAll(code, texts.sort((a, b) => a.at - b.at));
}

/** Returns the position after directives such as "use strict", which must stay first. */
function afterDirectives(block: Syntax): number {
  const directives = (block.body as readonly Syntax[]).filter(({ directive }) => directive);
  return directives.at(-1)?.end ?? block.start + 1;
}

function insertAll(
  code: string,
  texts: readonly { readonly at: number; readonly text: string }[],
): InsertedCode {
  const parts: string[] = [];
  const insertions: Insertion[] = [];
  let [position, line, lineStart] = [0, 0, 0];
  for (const { at, text } of texts) {
    const before = code.slice(position, at);
    for (let end = before.indexOf("\n"); end !== -1; end = before.indexOf("\n", end + 1)) {
      line++;
      lineStart = position + end + 1;
    }
    parts.push(before, text);
    insertions.push({ line, column: at - lineStart, length: text.length });
    position = at;
  }
  return { code: parts.join("") + code.slice(position), insertions };
}
