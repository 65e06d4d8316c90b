/**
 * `deno task challenge ID… [flags]`: runs challenges of Gossip Glomers as they stand, one after
 * another, and holds their figures against the challenges' limits. Flags that are given are added to
 * each invocation and win over its own.
 *
 * @module
 */

import type { Verdict } from "../lib/check/mod.ts";
import { lastLine } from "../lib/report/mod.ts";
import { type Challenge, CHALLENGES, figureOf } from "./cli/challenges.ts";
import { print, stdoutPalette } from "./cli/console.ts";
import { BadArguments, ExitCode, worstExitCode } from "./cli/exit_code.ts";
import { runCommand } from "./cli/run_command.ts";
import { testCommand } from "./cli/test_command.ts";

interface Row {
  readonly text: string;
  readonly held: boolean;
}

async function main(args: readonly string[]): Promise<number> {
  const firstFlag = args.findIndex((argument) => argument.startsWith("-"));
  const ids = firstFlag < 0 ? args : args.slice(0, firstFlag);
  const extra = firstFlag < 0 ? [] : args.slice(firstFlag);
  const chosen = ids.map(find);
  if (chosen.length === 0) throw new BadArguments(`Which challenge? ${known()}`);
  const paint = stdoutPalette();
  const codes: number[] = [];
  const rows: Row[] = [];
  for (const challenge of chosen) {
    print(paint.bold(`— ${challenge.id} ${challenge.title}`));
    const { code, results } = await testCommand([...challenge.args, ...extra]);
    print("");
    const held = results.flatMap((verdict) => holdAgainst(challenge, verdict));
    codes.push(code, held.every((row) => row.held) ? ExitCode.valid : ExitCode.invalid);
    rows.push(
      { text: `${challenge.id.padEnd(4)} ${challenge.title}: ${word(code)}`, held: code === 0 },
      ...held,
    );
    if (code === ExitCode.interrupted) break;
  }
  const code = worstExitCode(codes);
  // Of one challenge without limits all is said already.
  if (rows.length > 1) {
    print("Against the challenges' limits:");
    for (const { text, held } of rows) print(`  ${(held ? paint.good : paint.bad)(text)}`);
    print("");
    if (code === ExitCode.valid) print(paint.good(lastLine(true)));
    if (code === ExitCode.invalid) print(paint.bad(lastLine(false)));
  }
  return code;
}

function find(id: string): Challenge {
  const challenge = CHALLENGES.find((candidate) => candidate.id === id);
  if (challenge === undefined) throw new BadArguments(`There is no challenge '${id}'. ${known()}`);
  return challenge;
}

function known(): string {
  return `There are ${CHALLENGES.map(({ id }) => id).join(", ")}.`;
}

function word(code: number): string {
  return code === ExitCode.valid ? "valid" : `not valid (exit code ${code})`;
}

function holdAgainst(challenge: Challenge, results: Verdict): Row[] {
  return challenge.limits.map(({ figure, below, least }) => {
    const value = figureOf(results, figure);
    const held = value !== undefined && (below === undefined || value < below) &&
      (least === undefined || value >= least);
    const limit = below === undefined ? `at least ${least}` : `below ${below}`;
    return {
      held,
      text: `     ${figure.label}: ${value ?? "not measured"}, must be ${limit}${
        held ? "" : ": MISSED"
      }`,
    };
  });
}

if (import.meta.main) Deno.exit(await runCommand(() => main(Deno.args)));
