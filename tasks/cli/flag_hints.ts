/**
 * Error texts and hints for arguments in the wrong place: those of the nodes come after `--`.
 *
 * @module
 */

import type { FlagTable } from "../../lib/base/mod.ts";

/** Returns the error text for an argument that is not a flag. */
export function unexpectedArgument(argument: string): string {
  return `unexpected argument "${argument}"; put arguments for the nodes after --, at the end`;
}

/** Flags of Jepsen, which every command of Maelstrom lists, for clusters that it reaches by SSH. */
const CLUSTER_FLAGS = [
  "--leave-db-running",
  "--logging-json",
  "--no-ssh",
  "--nodes-file",
  "--password",
  "--ssh-private-key",
  "--strict-host-key-checking",
  "--username",
];

/** Returns a hint for an unknown flag: it may be one of the node. */
export function nodeFlagHint(unknown: string): string {
  if (CLUSTER_FLAGS.includes(unknown)) {
    return "it is Jepsen's, for clusters that it reaches by SSH; leave it out";
  }
  return `a flag of the node goes to the end, after --: … -- ${unknown} VALUE; ` +
    "run with --help for the flags";
}

/** Returns a hint for an unknown flag of a command that simulates: a test may have it. */
export function testFlagHint(unknown: string, tests: FlagTable): string {
  return Object.hasOwn(tests, unknown.slice(2))
    ? "only deno task maelstrom test has it; run with --help for the flags"
    : nodeFlagHint(unknown);
}

/** Returns a hint for flags of a table among the arguments of the nodes; empty without any. */
export function misplacedFlagHint(nodeArgs: readonly string[], table: FlagTable): string {
  const names = nodeArgs.flatMap((argument) => /^--([\w-]+)/.exec(argument)?.[1] ?? []);
  const own = names.filter((name) => Object.hasOwn(table, name)).map((name) => `--${name}`);
  return own.length === 0
    ? ""
    : `what follows -- goes to the nodes; if ${own.join(" ")} is for the test, put it before --`;
}
