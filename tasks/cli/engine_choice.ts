/**
 * Chooses the engine that runs a test.
 *
 * @module
 */

import { type Engine, loadProgram, ProcessEngine, SimEngine } from "../../lib/workbench/mod.ts";
import { BadArguments } from "./exit_code.ts";
import { findMaelstrom, namedMaelstrom } from "./real_maelstrom.ts";
import { ownFlags, type TestFlags } from "./test_flags.ts";

/** The engines of our own. */
export type BuiltInEngine = "process" | "sim";

/** An engine, why it was chosen, and for `maelstrom` where it is. */
export type EngineChoice =
  | { readonly engine: "maelstrom"; readonly path: string; readonly note: string }
  | { readonly engine: BuiltInEngine; readonly note: string };

const what = {
  maelstrom: "the real Maelstrom",
  process: "real node processes on our own network",
  sim: "simulated nodes, virtual time",
};

/**
 * The engine that the flags ask for; without `--engine` the real Maelstrom where there is one,
 * unless a flag is given that only the built-in engines know. Throws {@link BadArguments}.
 */
export function chooseEngine(flags: TestFlags): EngineChoice {
  const own = Object.keys(ownFlags).find((name) =>
    flags[name as keyof typeof ownFlags] !== undefined
  );
  const asked = flags.engine;
  if (asked === "process" || asked === "sim") return { engine: asked, note: note(asked) };
  const path = findMaelstrom();
  if (asked === "maelstrom") {
    if (path === undefined) {
      throw new BadArguments(
        "--engine maelstrom: there is none in $MAELSTROM, ./maelstrom/maelstrom or the PATH. " +
          "Use --engine process, which needs nothing, or install Maelstrom.",
      );
    }
    if (own !== undefined) {
      throw new BadArguments(`The real Maelstrom has no --${own}; use it with --engine process.`);
    }
  }
  if (own !== undefined) return { engine: "process", note: note("process") };
  if (path === undefined) return { engine: "process", note: note("process") + noteOnVariable() };
  return { engine: "maelstrom", path, note: `${note("maelstrom")} at ${path}` };
}

/** Makes a built-in engine. Throws a `StartError` when the program cannot be run by it. */
export async function createEngine(
  name: BuiltInEngine,
  bin: string,
  args: readonly string[],
  seed: string,
): Promise<Engine> {
  if (name === "process") return new ProcessEngine(bin, args);
  return new SimEngine(await loadProgram(bin), args, seed);
}

/** Whoever has set `$MAELSTROM` expects the real one. */
function noteOnVariable(): string {
  const named = namedMaelstrom();
  return named === undefined ? "" : `\n  $MAELSTROM is ${named}, where there is no such program`;
}

function note(engine: keyof typeof what): string {
  return `engine: ${engine} (${what[engine]}; choose with --engine maelstrom|process|sim)`;
}
