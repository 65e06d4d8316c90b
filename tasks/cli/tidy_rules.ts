/**
 * The rules of {@link file://./../tidy.ts}: the tables of layers, and their checks.
 *
 * @module
 */

/** A violation of a rule. */
export interface Violation {
  readonly path: string;
  /** The line number, from 1. */
  readonly line: number;
  readonly problem: string;
}

/** The layers that each layer may import. Every layer may import `std`, the standard library. */
const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  std: [],
  base: [],
  wire: ["base"],
  contract: ["base", "wire"],
  history: ["base"],
  node: ["base", "wire", "contract"],
  transport: ["base", "wire", "node", "service"],
  replication: ["base", "wire", "node"],
  protocol: ["base", "wire", "contract", "node", "replication"],
  nodes: ["base", "wire", "contract", "node", "replication", "protocol"],
  examples: ["base", "wire", "contract", "node", "replication", "protocol"],
  service: ["base", "wire"],
  check: ["base", "history"],
  report: ["base", "history", "check"],
  page: ["base", "history", "node", "check", "report", "workload", "workbench"],
  workload: ["base", "wire", "contract", "history", "check"],
  workbench: [
    "base",
    "wire",
    "contract",
    "history",
    "node",
    "transport",
    "service",
    "workload",
    "check",
    "report",
  ],
  testing: [
    "base",
    "wire",
    "contract",
    "history",
    "node",
    "service",
    "check",
    "workload",
    "workbench",
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
    "page",
    "workbench",
    "transport",
    "protocol",
  ],
};

/** The layers that each layer may also import by `import()`, when they are needed. */
const ALLOWED_LAZY_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  node: ["transport"],
};

/** Layers that receive time, randomness and output from their caller. */
const DETERMINISTIC_LAYERS: ReadonlySet<string> = new Set([
  "base",
  "wire",
  "contract",
  "history",
  "nodes",
  "examples",
  "protocol",
  "service",
  "check",
  "workload",
  "report",
]);

/**
 * The non-deterministic calls that these layers must not contain. Examples have tests beside them,
 * so `Deno.test` is allowed.
 */
const NONDETERMINISTIC_CALL =
  /(?<![.\w])(Math\.random|Date\.now|new Date\b|setTimeout|setInterval|setImmediate|queueMicrotask|console\.\w+|Temporal\.Now|performance\.\w+|crypto\.\w+|Deno\.(?!test\b)\w+|process\.\w+|fetch\()/;

/** Layers whose modules many simulated nodes share, so that modules must not hold state. */
const STATELESS_LAYERS: ReadonlySet<string> = new Set(["nodes", "examples", "protocol"]);

/** An import of a file: the keyword and the path. */
const IMPORT = /(from|import\()\s*"(\.[^"]*)"/;

const MAX_LINES = 300;
const MAX_COLUMNS = 120;

/** Returns the violations in a file. */
export function findViolations(path: string, text: string): Violation[] {
  const layer = layerOf(path);
  if (layer === undefined || ALLOWED_IMPORTS[layer] === undefined) {
    return [{ path, line: 1, problem: "unknown layer; add this folder to ALLOWED_IMPORTS" }];
  }
  const lines = text.split("\n");
  const violations = lines.flatMap((line, index) =>
    problemsOf(line, lines, index, layer, path).map((problem) => ({
      path,
      line: index + 1,
      problem,
    }))
  );
  if (lines.length > MAX_LINES) {
    const problem = `expected at most ${MAX_LINES} lines, got ${lines.length}; split the file`;
    violations.push({ path, line: MAX_LINES, problem });
  }
  if (!path.endsWith(".d.ts") && !/^(#!.*\n)?\/\*\*[\s\S]*?@module/.test(text)) {
    violations.push({ path, line: 1, problem: "expected a doc comment with @module at the start" });
  }
  return violations;
}

function problemsOf(
  line: string,
  lines: readonly string[],
  index: number,
  layer: string,
  path: string,
): string[] {
  const problems: string[] = [];
  const isComment = /^\s*\*/.test(line);
  const [, keyword, imported] = (isComment ? null : IMPORT.exec(line)) ?? [];
  if (imported !== undefined) {
    const target = layerOf(resolve(path, imported));
    const isLazy = keyword === "import(";
    const allowed = [
      layer,
      "std",
      ...ALLOWED_IMPORTS[layer] ?? [],
      ...isLazy ? ALLOWED_LAZY_IMPORTS[layer] ?? [] : [],
    ];
    if (target !== undefined && !allowed.includes(target)) {
      problems.push(`${layer} may not import ${target}`);
    }
  }
  const code = withoutComment(line);
  const call = DETERMINISTIC_LAYERS.has(layer) ? NONDETERMINISTIC_CALL.exec(code)?.[1] : undefined;
  if (call !== undefined) {
    problems.push(`${call} is non-deterministic; layer ${layer} must get it from its caller`);
  }
  if (STATELESS_LAYERS.has(layer) && /^(export )?(let|var)\b/.test(code)) {
    problems.push("module-level variable; simulated nodes would share it");
  }
  if (/:\s*any\b|<any>|\bas any\b|@ts-ignore|@ts-expect-error|lint-ignore-file/.test(line)) {
    const isJustified = path.endsWith(".d.ts") || lines[index - 1]?.includes("deno-lint-ignore");
    if (!isJustified && path !== "tasks/cli/tidy_rules.ts") {
      problems.push("any or a suppressed type error; use a precise type");
    }
  }
  if (line.length > MAX_COLUMNS && !/https?:|RegExp|\/\(|`/.test(line)) {
    problems.push(`expected at most ${MAX_COLUMNS} columns, got ${line.length}`);
  }
  return problems;
}

/** Returns the layer of a path: `lib/wire/errors.ts` → `wire`, `nodes/echo.ts` → `nodes`. */
function layerOf(path: string): string | undefined {
  const [top, second] = path.split("/");
  return top === "lib" ? second : top;
}

function resolve(from: string, relative: string): string {
  return new URL(relative, `file:///${from}`).pathname.slice(1);
}

/** Returns a line without its comment and without the contents of double-quoted strings. */
function withoutComment(line: string): string {
  if (/^\s*(\/?\*|\/\/)/.test(line)) return "";
  return line.replace(/"(?:[^"\\]|\\.)*"/g, '""').replace(/\/\/.*$/, "");
}
