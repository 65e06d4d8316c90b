/**
 * The command line: `maelstrom test …` and `maelstrom check PATH…`.
 *
 * @module
 */

import { UsageError } from "../lib/base/mod.ts";
import { checkCommand } from "./cli/check_command.ts";
import { print } from "./cli/console.ts";
import { ExitCode } from "./cli/exit_code.ts";
import { runUserCommand } from "./cli/run_command.ts";
import { runWithNet } from "./cli/run_with_net.ts";
import { testCommand } from "./cli/test_command.ts";

const USAGE = `maelstrom test -w WORKLOAD --bin PATH [flags] [-- node arguments]
    runs a workload against nodes and checks the history
maelstrom check PATH…
    checks recorded runs again, and histories of any tool

maelstrom test --help and maelstrom check --help list the flags.`;

async function main(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  switch (command) {
    case "test":
      return (await testCommand(rest)).code;
    case "check":
      return checkCommand(rest);
    case "--help":
    case "-h":
    case "help":
      print(USAGE);
      return ExitCode.valid;
    case undefined:
      throw new UsageError(`missing command; choose test or check\n\n${USAGE}`);
    default:
      if (command.startsWith("-")) {
        throw new UsageError(`missing command before ${command}; type maelstrom test ${command} …`);
      }
      throw new UsageError(`unknown command "${command}"; choose test or check\n\n${USAGE}`);
  }
}

if (import.meta.main) {
  Deno.exit(
    await runUserCommand(async () => await runWithNet(Deno.args) ?? await main(Deno.args)),
  );
}
