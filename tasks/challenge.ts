/**
 * `deno task challenge ID… [flags]`: runs Gossip Glomers challenges with their own command lines,
 * one after another, and compares the results with the challenges' limits. Flags on the command
 * line are appended to each challenge's own and override them.
 *
 * @module
 */

import { asksForHelp, UsageError } from "../lib/base/mod.ts";
import type { Verdict } from "../lib/check/mod.ts";
import { lastLine } from "../lib/report/mod.ts";
import {
  argumentsOf,
  type Challenge,
  challengeIds,
  CHALLENGES,
  findChallenge,
  metricOf,
} from "./cli/challenges.ts";
import { print, stdoutPalette } from "./cli/console.ts";
import { ExitCode, worstExitCode } from "./cli/exit_code.ts";
import { runUserCommand } from "./cli/run_command.ts";
import { runWithNet } from "./cli/run_with_net.ts";
import { testCommand } from "./cli/test_command.ts";

const USAGE = `deno task challenge ID… [flags] [-- node arguments]

Runs Gossip Glomers challenges (https://fly.io/dist-sys) and compares the
results with their limits. Takes the flags of deno task maelstrom test, which
override the challenge's own. Exit codes: 0 valid and within the limits,
1 invalid or over a limit, 2 unknown, 130 interrupted, 254 invalid arguments,
255 a test did not run to its end. Challenges:
${CHALLENGES.map(({ id, title }) => `  ${id.padEnd(16)} ${title}`).join("\n")}`;

interface Row {
  readonly text: string;
  readonly isMet: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  if (asksForHelp(args)) {
    print(USAGE);
    return ExitCode.valid;
  }
  const firstFlag = args.findIndex((argument) => argument.startsWith("-"));
  const ids = firstFlag < 0 ? args : args.slice(0, firstFlag);
  const flags = firstFlag < 0 ? [] : args.slice(firstFlag);
  if (ids.length === 0) {
    const place = args.length === 0 ? "" : " and put it before the flags";
    throw new UsageError(`missing challenge id; choose one or more of ${challengeIds()}${place}`);
  }
  const paint = stdoutPalette();
  const codes: number[] = [];
  const rows: Row[] = [];
  for (const challenge of ids.map(findChallenge)) {
    print(paint.bold(`challenge ${challenge.id}: ${challenge.title}`));
    const { code, stored } = await testCommand([...argumentsOf(challenge), ...flags]);
    print("");
    const limits = stored.flatMap(({ results }) => compareWithLimits(challenge, results));
    const areMet = limits.every(({ isMet }) => isMet);
    codes.push(code, areMet ? ExitCode.valid : ExitCode.invalid);
    rows.push(
      {
        text: `${challenge.id.padEnd(4)} ${challenge.title}: ${verdictOf(code)}`,
        isMet: code === ExitCode.valid,
      },
      ...limits,
    );
    if (code === ExitCode.interrupted) break;
  }
  const code = worstExitCode(codes);
  // The test itself has already printed the verdict of a single challenge without limits.
  if (rows.length > 1) {
    print("Challenges and limits:");
    for (const { text, isMet } of rows) print(`  ${(isMet ? paint.good : paint.bad)(text)}`);
    print("");
    if (code === ExitCode.valid) print(paint.good(lastLine(true)));
    if (code === ExitCode.invalid) print(paint.bad(lastLine(false)));
  }
  return code;
}

function verdictOf(code: number): string {
  return code === ExitCode.valid ? "valid" : `not valid (exit code ${code})`;
}

function compareWithLimits(challenge: Challenge, results: Verdict): Row[] {
  return challenge.limits.map(({ metric, below, min }) => {
    const value = metricOf(results, metric);
    const isMet = value !== undefined && (below === undefined || value < below) &&
      (min === undefined || value >= min);
    const limit = below === undefined ? `at least ${min}` : `below ${below}`;
    const outcome = isMet ? "met" : "MISSED";
    return {
      isMet,
      text: `     ${metric.label}: ${value ?? "not measured"}, limit: ${limit}: ${outcome}`,
    };
  });
}

if (import.meta.main) {
  Deno.exit(
    await runUserCommand(async () => await runWithNet(Deno.args) ?? await main(Deno.args)),
  );
}
