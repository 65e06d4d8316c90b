/**
 * Chooses and creates the engine that runs a test.
 *
 * @module
 */

import { resolve } from "node:path";
import { UsageError } from "../../lib/base/mod.ts";
import { isModulePath } from "../../lib/workbench/import_module.ts";
import {
  type Engine,
  isWasm,
  loadAnyProgram,
  ProcessEngine,
  type ProgramFile,
  SimEngine,
} from "../../lib/workbench/mod.ts";
import { type NatsFlags, requireNatsFlags } from "./nats_flags.ts";
import { isGoSource } from "./prepare_program.ts";
import { findMaelstrom, maelstromVariable } from "./real_maelstrom.ts";
import { builtInEngineFlags, type TestFlags } from "./test_flags.ts";

/** The built-in engines that need nothing else. */
export type BuiltInEngine = "process" | "sim";

/** The chosen engine, the line that announces it, and for `maelstrom` its path. */
export type EngineChoice =
  | { readonly engine: "maelstrom"; readonly path: string; readonly note: string }
  | { readonly engine: BuiltInEngine | "nats"; readonly note: string };

const ENGINE_DESCRIPTIONS = {
  maelstrom: "the real Maelstrom",
  process: "real node processes on a simulated network",
  sim: "simulated nodes in virtual time",
  nats: "node processes, also on other machines, that exchange messages over NATS",
};

/** The faults of every version of the real Maelstrom; newer ones have some more. */
const MAELSTROM_FAULTS: readonly string[] = ["partition"];
const NEWER_MAELSTROM_FAULTS: readonly string[] = ["kill", "pause"];

/**
 * Returns the engine that the flags name. Without `--engine`: the real Maelstrom if it is installed
 * and has the given flags and faults, else `process`. Throws {@link UsageError}.
 */
export function chooseEngine(flags: TestFlags): EngineChoice {
  const requested = flags.engine;
  requireNatsFlags(flags);
  if (requested === "process" || requested === "sim" || requested === "nats") {
    return { engine: requested, note: note(requested) };
  }
  const path = findMaelstrom();
  const { bin = "" } = flags;
  if (requested === "maelstrom") {
    rejectForMaelstrom(bin);
    if (path === undefined) {
      throw new UsageError(
        "--engine maelstrom: Maelstrom not found in $MAELSTROM, ./maelstrom/maelstrom or the PATH; " +
          "install it, or use --engine process",
      );
    }
    const missing = missingInMaelstrom(flags, [...MAELSTROM_FAULTS, ...NEWER_MAELSTROM_FAULTS]);
    if (missing !== undefined) {
      throw new UsageError(
        `the real Maelstrom has no ${missing}; use it with --engine process or sim`,
      );
    }
    return { engine: "maelstrom", path, note: `${note("maelstrom")} at ${path}` };
  }
  if (isWasm(bin)) return { engine: "sim", note: note("sim") };
  if (isGoSource(bin)) return { engine: "process", note: note("process") };
  const missing = missingInMaelstrom(flags, MAELSTROM_FAULTS);
  if (missing !== undefined) {
    const reason = path === undefined ? "" : `\n  the Maelstrom at ${path} may have no ${missing}`;
    return { engine: "process", note: note("process") + reason };
  }
  if (path === undefined) {
    return { engine: "process", note: note("process") + missingMaelstromNote() };
  }
  return { engine: "maelstrom", path, note: `${note("maelstrom")} at ${path}` };
}

/** Rejects a program that the real Maelstrom cannot start. */
function rejectForMaelstrom(bin: string): void {
  const problem = isWasm(bin)
    ? "is a WebAssembly module, which only --engine sim runs"
    : isGoSource(bin)
    ? "is Go source, which Maelstrom does not build"
    : undefined;
  if (problem === undefined) return;
  throw new UsageError(`--bin ${bin} ${problem}; give Maelstrom a program for this machine`);
}

/** Names the first flag or fault that the real Maelstrom lacks; undefined without one. */
function missingInMaelstrom(flags: TestFlags, faults: readonly string[]): string | undefined {
  if (isModulePath(flags.workload ?? "")) return `workload ${flags.workload}`;
  const builtInFlag = Object.keys(builtInEngineFlags).find((name) => {
    const value = flags[name as keyof typeof builtInEngineFlags];
    return value !== undefined && value !== false;
  });
  if (builtInFlag !== undefined) return `flag --${builtInFlag}`;
  const fault = flags.nemesis?.find((name) => !faults.includes(name));
  return fault === undefined ? undefined : `fault --nemesis ${fault}`;
}

/**
 * Creates a built-in engine. `disks` returns the folder in which node processes keep what they
 * persist, by default a temporary one. Throws a `StartError` when the engine cannot run the program.
 */
export async function createEngine(
  name: BuiltInEngine,
  program: ProgramFile,
  args: readonly string[],
  seed: string,
  disks?: () => string,
): Promise<Engine> {
  if (name === "process") return new ProcessEngine(program.path, args, disks);
  return new SimEngine(await loadAnyProgram(program), args, seed);
}

/**
 * Creates the engine nats. Without a program it joins nodes that run elsewhere. Throws a
 * `StartError` when the engine cannot run the program.
 */
export async function createNatsEngine(
  flags: NatsFlags,
  nodes: readonly string[],
  program: { readonly bin: string; readonly args: readonly string[] } | undefined,
  disks: () => string,
): Promise<Engine> {
  const { nats: url, "nats-creds": credentials, "nats-join": joined } = flags;
  // Loaded when needed: other engines start without NATS's client.
  const { NatsEngine } = await import("../../lib/workbench/nats/nats_engine.ts");
  return new NatsEngine({
    nodes,
    program,
    disks,
    cluster: joined ?? `test-${crypto.randomUUID()}`,
    server: url === undefined ? undefined : {
      url,
      ...(credentials === undefined ? {} : { credentials: resolve(credentials) }),
    },
  });
}

/** Returns a warning if `$MAELSTROM` is set, since its user expects the real Maelstrom. */
function missingMaelstromNote(): string {
  const named = maelstromVariable();
  return named === undefined
    ? ""
    : `\n  $MAELSTROM is "${named}", but there is no executable at that path`;
}

function note(engine: keyof typeof ENGINE_DESCRIPTIONS): string {
  return `engine: ${engine} (${ENGINE_DESCRIPTIONS[engine]}; choose with --engine ${
    Object.keys(ENGINE_DESCRIPTIONS).join("|")
  })`;
}
