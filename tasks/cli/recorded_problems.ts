/**
 * Reads what a run knew beside its history: nodes that crashed, and malformed output.
 *
 * The built-in engines record both in `results.json`. The real Maelstrom ends without results when a
 * node crashed, and its log holds the reason; malformed output only appears in the log, too.
 *
 * @module
 */

import { isJsonObject, type Json, parseJson } from "../../lib/base/mod.ts";
import { MalformedHistoryError } from "../../lib/history/mod.ts";
import { type Infer, schema } from "../../lib/wire/mod.ts";
import type { NodeProblem, UnexpectedExit } from "../../lib/workbench/mod.ts";

/** What a run knew. A list is absent if the run did not record it. */
export interface RecordedProblems {
  readonly problems?: readonly NodeProblem[];
  readonly crashes?: readonly UnexpectedExit[];
}

const lines = schema.array(schema.string);

/** The parts of `results.json` that are read. */
const resultsFile = schema.object({
  nodes: schema.optional(schema.object({
    problems: schema.optional(schema.array(schema.object({
      node: schema.string,
      line: schema.string,
      problem: schema.string,
      type: schema.optional(schema.string),
    }))),
  })),
  crash: schema.optional(schema.object({
    crashes: schema.optional(schema.array(schema.object({
      node: schema.string,
      exit: schema.either(schema.integer, schema.string),
      stdout: lines,
      stderr: lines,
    }))),
  })),
});

/** Reads the text of a `results.json`. Throws a {@link MalformedHistoryError}. */
export function problemsInResults(text: string, file: string): RecordedProblems {
  let results: Json;
  try {
    results = parseJson(text);
  } catch (error) {
    throw new MalformedHistoryError(file, 1, (error as Error).message);
  }
  const problem = resultsFile.problem(results, "it");
  if (problem !== undefined) throw new MalformedHistoryError(file, 1, problem);
  const { nodes, crash } = results as Infer<typeof resultsFile>;
  return {
    ...(nodes === undefined ? {} : { problems: (nodes.problems ?? []) as NodeProblem[] }),
    ...(crash === undefined ? {} : {
      crashes: (crash.crashes ?? []).map(({ exit, ...crash }) => ({
        ...crash,
        exit: typeof exit === "string"
          ? { code: -1, signal: exit as Deno.Signal }
          : { code: exit, signal: null },
      })),
    }),
  };
}

const CRASH = new RegExp(
  String.raw`Node (\S+) crashed with exit status (-?\d+)\. Before crashing, it wrote to STDOUT:` +
    String.raw`\n\n([\s\S]*?)\n\nAnd to STDERR:\n\n([\s\S]*?)\n\nFull STDERR logs`,
  "g",
);
const NOT_JSON = /Node (\S+) printed a line to STDOUT which was not well-formed JSON:\n(.*)/g;
const NOT_A_MESSAGE = new RegExp(
  String.raw`Malformed network message\. Node (\S+) tried to send the following message via ` +
    String.raw`STDOUT:\n\n([\s\S]*?)\n\nThis is malformed because:\n\n([\s\S]*?)\n\nSee doc`,
  "g",
);

/** Reads the log of the real Maelstrom. Its exceptions can be logged several times. */
export function problemsInLog(log: string): RecordedProblems {
  const crashes = new Map<string, UnexpectedExit>();
  for (const [, node, code, stdout, stderr] of log.matchAll(CRASH)) {
    crashes.set(node as string, {
      node: node as string,
      exit: { code: Number(code), signal: null },
      stdout: nonEmptyLines(stdout),
      stderr: nonEmptyLines(stderr),
    });
  }
  const problems = new Map<string, NodeProblem>();
  const add = (node = "", line = "", problem: string) =>
    problems.set(`${node} ${line}`, { node, line: line.trim(), problem });
  for (const [, node, line] of log.matchAll(NOT_JSON)) add(node, line, "not well-formed JSON");
  for (const [, node, message, reason] of log.matchAll(NOT_A_MESSAGE)) {
    add(node, message, `not a message: ${(reason ?? "").trim()}`);
  }
  return { problems: [...problems.values()], crashes: [...crashes.values()] };
}

/**
 * Reads the recorded exit code of a run of the real Maelstrom that has no log: with 255 it ended
 * with an error, as it does when a node crashed.
 */
export function crashesByExitCode(options: Json): RecordedProblems {
  if (!isJsonObject(options) || options.exit !== 255) return {};
  const unknown = { node: "unknown", exit: { code: 255, signal: null } };
  return {
    crashes: [{ ...unknown, stdout: [], stderr: ["Maelstrom ended with an error"] }],
  };
}

function nonEmptyLines(text = ""): string[] {
  return text === "" ? [] : text.split("\n");
}
