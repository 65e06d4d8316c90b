/**
 * The command line: `maelstrom test …` and `maelstrom check DIR`.
 *
 * @module
 */

import { checkCommand } from "./cli/check_command.ts";
import { print } from "./cli/console.ts";
import { BadArguments, ExitCode } from "./cli/exit_code.ts";
import { runCommand } from "./cli/run_command.ts";
import { testCommand } from "./cli/test_command.ts";

const USAGE = `maelstrom test -w WORKLOAD --bin PATH [flags] [-- arguments of the nodes]
    runs a workload against real nodes and judges what came of it
maelstrom check DIR
    judges a recorded run again, one of ours or one of the real Maelstrom's

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
    default: {
      const seen = command === undefined ? "a command is missing" : `'${command}' is no command`;
      throw new BadArguments(`${seen}; there are test and check.\n\n${USAGE}`);
    }
  }
}

if (import.meta.main) Deno.exit(await runCommand(() => main(Deno.args)));
