/**
 * Rewrites the expected output in transcripts; comments and commands stay as they are.
 * `deno task transcripts [NAME…]`, all of them without a name.
 *
 * @module
 */

import { print } from "../../tasks/cli/console.ts";
import { play } from "./play.ts";
import { withOutput } from "./script.ts";

/** Names of the transcripts in this folder, sorted. */
export function transcriptNames(): string[] {
  return [...Deno.readDirSync(import.meta.dirname as string)]
    .flatMap(({ name }) => name.endsWith(".txt") ? [name] : [])
    .sort();
}

/** Path of a transcript. */
export function pathOf(name: string): string {
  return `${import.meta.dirname}/${name}`;
}

if (import.meta.main) {
  if (Deno.args.includes("--help")) {
    print(
      "deno task transcripts [NAME…]\n\nRewrites what the protocols send in these transcripts, or in all.",
    );
    Deno.exit(0);
  }
  const names = Deno.args.length === 0 ? transcriptNames() : Deno.args;
  for (const name of names.map((name) => name.endsWith(".txt") ? name : `${name}.txt`)) {
    const text = Deno.readTextFileSync(pathOf(name));
    const { outputs } = await play(name, text);
    Deno.writeTextFileSync(pathOf(name), withOutput(text, outputs));
  }
}
