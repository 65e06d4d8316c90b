/**
 * `deno task scoreboard [ID…]`: runs challenges with their own command lines on the process engine,
 * records the results in `tasks/scoreboard.json`, and updates the table in
 * docs/benchmarks.md. Runs all challenges by default.
 *
 * @module
 */

import { asksForHelp, parseJson, stringifyJson } from "../lib/base/mod.ts";
import type { Verdict } from "../lib/check/mod.ts";
import { involvesClient } from "../lib/wire/mod.ts";
import {
  type Challenge,
  CHALLENGES,
  findChallenge,
  MAX_LATENCY,
  MEDIAN_LATENCY,
  metricOf,
  OK_FRACTION,
  SERVER_MESSAGES,
} from "./cli/challenges.ts";
import { print } from "./cli/console.ts";
import { ExitCode, worstExitCode } from "./cli/exit_code.ts";
import { unlessMissing } from "./cli/file_problem.ts";
import { runCommand } from "./cli/run_command.ts";
import type { StoredResults } from "./cli/run_on_built_in_engine.ts";
import { type Score, withScoreboard } from "./cli/scoreboard_table.ts";
import { testCommand } from "./cli/test_command.ts";

const USAGE = `deno task scoreboard [ID…]

Runs challenges with their own command lines on the process engine, records the
results in tasks/scoreboard.json and updates the table in docs/benchmarks.md.
Runs all challenges by default. Exit codes: 0 all recorded challenges are valid,
1 a recorded challenge is invalid, 2 one is unknown, 130 interrupted,
254 invalid arguments, 255 a test did not run to its end. Challenges:
${CHALLENGES.map(({ id, title }) => `  ${id.padEnd(16)} ${title}`).join("\n")}`;
const RECORD = "tasks/scoreboard.json";
const TABLE = "docs/benchmarks.md";
const ENGINE = "process";

function readScores(): readonly Score[] {
  return unlessMissing(() => JSON.parse(Deno.readTextFileSync(RECORD)) as readonly Score[]) ?? [];
}

async function run(
  challenge: Challenge,
): Promise<{ readonly code: number; readonly score?: Score }> {
  print(`challenge ${challenge.id}: ${challenge.title}`);
  const { code, stored } = await testCommand([...challenge.args, "--engine", ENGINE]);
  const [run] = stored;
  if (run === undefined || code === ExitCode.interrupted) return { code };
  return { code, score: scoreOf(challenge, run) };
}

function scoreOf(challenge: Challenge, { results: verdict, folder }: StoredResults): Score {
  const operations = Number((verdict.stats as Verdict).count);
  const median = metricOf(verdict, MEDIAN_LATENCY);
  const maximum = metricOf(verdict, MAX_LATENCY);
  return {
    id: challenge.id,
    valid: verdict["valid?"] === true,
    engine: ENGINE,
    operations,
    serverMessages: metricOf(verdict, SERVER_MESSAGES) ?? 0,
    serverBytes: serverBytes(folder) / operations,
    okFraction: metricOf(verdict, OK_FRACTION) ?? 0,
    ...(median === undefined ? {} : { medianLatency: median }),
    ...(maximum === undefined ? {} : { maximumLatency: maximum }),
  };
}

/** Returns the bytes of all messages between servers in a run, as sent on the wire. */
function serverBytes(folder: string): number {
  let bytes = 0;
  const encoder = new TextEncoder();
  for (const line of Deno.readTextFileSync(`${folder}/messages.jsonl`).split("\n")) {
    if (line === "") continue;
    const { type, src, dest, body } = parseJson(line) as {
      type: string;
      src: string;
      dest: string;
      body: unknown;
    };
    if (type !== "send" || involvesClient({ src, dest })) continue;
    bytes += encoder.encode(stringifyJson({ src, dest, body })).length + 1;
  }
  return bytes;
}

async function main(ids: readonly string[]): Promise<number> {
  if (asksForHelp(ids)) {
    print(USAGE);
    return ExitCode.valid;
  }
  ids.forEach(findChallenge);
  const codes: number[] = [];
  let scores = readScores();
  for (const challenge of CHALLENGES) {
    if (ids.length > 0 && !ids.includes(challenge.id)) continue;
    const { code, score } = await run(challenge);
    codes.push(code);
    if (score === undefined) return worstExitCode(codes);
    scores = [...scores.filter(({ id }) => id !== challenge.id), score];
    const order = (id: string) => CHALLENGES.findIndex((candidate) => candidate.id === id);
    scores = [...scores].sort((a, b) => order(a.id) - order(b.id));
    Deno.writeTextFileSync(RECORD, `${JSON.stringify(scores, null, 2)}\n`);
    Deno.writeTextFileSync(TABLE, withScoreboard(Deno.readTextFileSync(TABLE), scores));
  }
  const areValid = scores.every(({ valid }) => valid);
  return worstExitCode([...codes, areValid ? ExitCode.valid : ExitCode.invalid]);
}

if (import.meta.main) Deno.exit(await runCommand(() => main(Deno.args)));
