/**
 * `maelstrom test`: runs a workload against nodes and checks the history.
 *
 * @module
 */

import { describeFlags, UsageError } from "../../lib/base/mod.ts";
import { print, printError } from "./console.ts";
import { chooseEngine } from "./engine_choice.ts";
import { ExitCode } from "./exit_code.ts";
import { misplacedFlagHint } from "./flag_hints.ts";
import { prepareProgram } from "./prepare_program.ts";
import { onInterrupt } from "./interrupt.ts";
import { runMaelstrom, withoutEngine } from "./real_maelstrom.ts";
import { runOnBuiltInEngine, type StoredResults } from "./run_on_built_in_engine.ts";
import { readScheduleFlag } from "./schedule_flag.ts";
import {
  FAULT_LIST,
  readTestCommandLine,
  testFlags,
  testOptions,
  WORKLOAD_LIST,
  workloadOf,
} from "./test_flags.ts";

const HELP = `maelstrom test --workload NAME --bin PATH [flags] [-- node arguments]
Flags (defaults in brackets):
${describeFlags(testFlags)}
${WORKLOAD_LIST}
${FAULT_LIST}
Exit codes: 0 valid, 1 invalid, 2 unknown, 130 interrupted,
254 invalid arguments, 255 a node crashed or did not start`;

/** The outcome of the command. */
export interface CommandOutcome {
  readonly code: number;
  /** The results of the completed tests. */
  readonly stored: readonly StoredResults[];
}

/** Runs the command. Throws {@link UsageError}. */
export async function testCommand(args: readonly string[]): Promise<CommandOutcome> {
  const { flags, nodeArgs } = readTestCommandLine(args);
  if (flags.help) {
    print(HELP);
    return { code: ExitCode.valid, stored: [] };
  }
  if (flags.bin === undefined && flags["nats-join"] === undefined) {
    throw new UsageError("missing --bin PATH, the program that runs one node");
  }
  const { bin = `cluster ${flags["nats-join"]}` } = flags;
  const seed = flags.seed ?? String(crypto.getRandomValues(new Uint32Array(1))[0]);
  const workload = await workloadOf(flags);
  const { options, ...scheduled } = readScheduleFlag(flags, testOptions(flags, workload, seed));
  const choice = chooseEngine(flags);
  print(choice.note);
  if (choice.engine === "maelstrom") {
    return await runMaelstrom(choice.path, withoutEngine(args));
  }
  const { engine } = choice;
  const program = await prepareProgram(bin, engine, flags["wasm-exec"]);
  const interrupt = new AbortController();
  const { signal } = interrupt;
  const release = onInterrupt(() => interrupt.abort());
  try {
    const stored: StoredResults[] = [];
    // As in Maelstrom, the first test that is not valid ends the repetitions.
    let code: number = ExitCode.valid;
    for (let count = 1; count <= (flags["test-count"] ?? 1) && code === ExitCode.valid; count++) {
      const numbered = count === 1 ? options : { ...options, seed: `${seed}-${count}` };
      const run = { flags, workload, bin, program, nodeArgs, engine, options: numbered, signal };
      const outcome = await runOnBuiltInEngine({ ...run, ...scheduled });
      code = outcome.code;
      if (outcome.stored !== undefined) stored.push(outcome.stored);
    }
    const hint = misplacedFlagHint(nodeArgs, testFlags);
    if (hint !== "") printError(hint);
    return { code, stored };
  } finally {
    release();
  }
}
