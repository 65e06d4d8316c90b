/**
 * The rules of {@link file://./../tidy.ts}: tables first, then how they are applied.
 *
 * @module
 */

/** Something that breaks a rule. */
export interface Violation {
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly problem: string;
}

/** Who may import whom. `std` is the standard library's wrapper, which all may use. */
const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  std: [],
  base: [],
  wire: ["base"],
  contract: ["base", "wire"],
  history: ["base"],
  node: ["base", "wire", "contract"],
  protocol: ["base", "wire", "contract", "node"],
  nodes: ["base", "wire", "contract", "node", "protocol"],
  service: ["base", "wire"],
  check: ["base", "history"],
  report: ["base", "history", "check"],
  workload: ["base", "wire", "contract", "history", "check"],
  workbench: [
    "base",
    "wire",
    "contract",
    "history",
    "node",
    "service",
    "workload",
    "check",
    "report",
  ],
  tasks: [
    "base",
    "wire",
    "contract",
    "history",
    "node",
    "service",
    "workload",
    "check",
    "report",
    "workbench",
    "protocol",
  ],
};

/** Layers that get time, randomness and output from their caller. */
const DETERMINISTIC_LAYERS: ReadonlySet<string> = new Set([
  "base",
  "wire",
  "contract",
  "history",
  "nodes",
  "protocol",
  "service",
  "check",
  "workload",
  "report",
]);

/** What is not to be called there. */
const NONDETERMINISTIC_CALL =
  /(?<![.\w])(Math\.random|Date\.now|new Date\b|setTimeout|setInterval|setImmediate|queueMicrotask|console\.\w+|Temporal\.Now|performance\.\w+|crypto\.\w+|Deno\.\w+|process\.\w+|fetch\()/;

/** Layers in which many nodes live at once, so that no module may keep state. */
const STATELESS_LAYERS: ReadonlySet<string> = new Set(["nodes", "protocol"]);

const MAX_LINES = 300;
const MAX_COLUMNS = 120;

/** All that is untidy about a file. */
export function findViolations(path: string, text: string): Violation[] {
  const layer = layerOf(path);
  if (layer === undefined || ALLOWED_IMPORTS[layer] === undefined) {
    return [{ path, line: 1, problem: "this folder is not in the table of layers" }];
  }
  const lines = text.split("\n");
  const findings = lines.flatMap((line, index) =>
    problemsOf(line, lines, index, layer, path).map((problem) => ({
      path,
      line: index + 1,
      problem,
    }))
  );
  if (lines.length > MAX_LINES) {
    const problem = `${lines.length} lines; a file has ${MAX_LINES} at most`;
    findings.push({ path, line: MAX_LINES, problem });
  }
  if (!path.endsWith(".d.ts") && !/^(#!.*\n)?\/\*\*[\s\S]*?@module/.test(text)) {
    findings.push({ path, line: 1, problem: "a file opens with a comment that says @module" });
  }
  return findings;
}

function problemsOf(
  line: string,
  lines: readonly string[],
  index: number,
  layer: string,
  path: string,
): string[] {
  const problems: string[] = [];
  const imported = /(?:from|import\()\s*"(\.[^"]*)"/.exec(line)?.[1];
  if (imported !== undefined) {
    const target = layerOf(resolve(path, imported));
    if (target !== undefined && target !== layer && target !== "std") {
      if (ALLOWED_IMPORTS[layer]?.includes(target) !== true) {
        problems.push(`${layer} may not import ${target}`);
      }
    }
  }
  const code = withoutComment(line);
  const call = DETERMINISTIC_LAYERS.has(layer) ? NONDETERMINISTIC_CALL.exec(code)?.[1] : undefined;
  if (call !== undefined) {
    problems.push(`${call} is ambient; in ${layer} it has to come from the caller`);
  }
  if (STATELESS_LAYERS.has(layer) && /^(export )?(let|var)\b/.test(code)) {
    problems.push(`module-level state; many nodes share this module`);
  }
  if (/:\s*any\b|<any>|\bas any\b|@ts-ignore|@ts-expect-error|lint-ignore-file/.test(line)) {
    const justified = path.endsWith(".d.ts") || lines[index - 1]?.includes("deno-lint-ignore");
    if (!justified && path !== "tasks/cli/tidy_rules.ts") problems.push("types are given up here");
  }
  if (line.length > MAX_COLUMNS && !/https?:|RegExp|\/\(|`/.test(line)) {
    problems.push(`${line.length} columns; a line has ${MAX_COLUMNS} at most`);
  }
  return problems;
}

/** The layer of a path: `lib/wire/errors.ts` → `wire`, `nodes/echo.ts` → `nodes`. */
function layerOf(path: string): string | undefined {
  const [top, second] = path.split("/");
  return top === "lib" ? second : top;
}

function resolve(from: string, relative: string): string {
  return new URL(relative, `file:///${from}`).pathname.slice(1);
}

/** A line without its comment and without what stands in plain strings. */
function withoutComment(line: string): string {
  if (/^\s*(\/?\*|\/\/)/.test(line)) return "";
  return line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/\/.*$/, "");
}
