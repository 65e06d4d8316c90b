/**
 * `deno task test`: runs `deno test` with the given arguments, and prints what failed and the count
 * of tests instead of the names of all that passed.
 *
 * @module
 */

import { TextLineStream } from "../lib/std/streams.ts";
import { print, printError, showStatusLine } from "./cli/console.ts";
import { onInterrupt } from "./cli/interrupt.ts";

const USAGE = `deno task test [PATH…] [flags of deno test]

Runs the tests of this project, or those in the given files and folders too, and
prints failures and a count. Exit code 0: all tests passed.`;

/** The line of a file's tests, and those of tests that passed or are skipped. */
const EXPECTED = /^running [0-9]+ tests? from |^ *\S.* \.\.\. (?:ok|ignored)\b.*\([^()]*\)$|^$/;
const PASSED = /\.\.\. ok \([^()]*\)$/;
// deno-lint-ignore no-control-regex -- colour codes begin with the control character escape
const COLOUR = /\x1b\[[0-9;]*m/g;

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    print(USAGE);
    return 0;
  }
  const isColoured = Deno.stdout.isTerminal();
  const child = new Deno.Command(Deno.execPath(), {
    args: ["test", "--quiet", ...args],
    stdout: "piped",
    ...(isColoured ? {} : { env: { NO_COLOR: "1" } }),
  }).spawn();
  const release = onInterrupt(() => child.kill());
  let passed = 0;
  const stop = showStatusLine(() => `${passed} tests passed`);
  try {
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).pipeThrough(
      new TextLineStream(),
    );
    for await (const line of lines) {
      const plain = line.replace(COLOUR, "");
      if (PASSED.test(plain)) passed++;
      if (!EXPECTED.test(plain)) print(line);
    }
  } finally {
    stop();
  }
  const { code, signal } = await child.status;
  release();
  if (signal !== null) printError(`deno test was ended by ${signal}`);
  return code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
