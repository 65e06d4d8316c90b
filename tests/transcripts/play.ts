/**
 * Plays a transcript: makes a world of its settings, runs its commands, and returns what each shows.
 *
 * Settings come first: `program NAME [ARGUMENT…]`, `seed TEXT`, `latency MILLISECONDS`; then
 * `nodes COUNT` starts the world. Seed and latency are 1 and 10 when not given.
 *
 * @module
 */

import { canonicalJson, type Json } from "../../lib/base/mod.ts";
import { perform, type Shown } from "./commands.ts";
import { loadNodes, type Nodes, PROGRAMS } from "./program.ts";
import { Renderer } from "./render.ts";
import { readSteps, ScriptError, type Step } from "./script.ts";
import { World } from "./world.ts";

const SETTINGS = ["program", "seed", "latency"] as const;
type Setting = (typeof SETTINGS)[number];

/** What was played: the commands, and the lines that each showed. */
export interface Played {
  readonly steps: readonly Step[];
  readonly outputs: readonly (readonly string[])[];
}

/** Plays a transcript. Throws a {@link ScriptError} with file and line for what it cannot do. */
export async function play(file: string, text: string): Promise<Played> {
  const steps = readSteps(file, text);
  const begin = steps.findIndex(({ command }) => command.startsWith("nodes "));
  const start = steps[begin];
  if (start === undefined) throw new ScriptError(`${file}: there is no 'nodes COUNT'`);
  const settings = new Map<Setting, string>([["seed", "1"], ["latency", "10"]]);
  for (const step of steps.slice(0, begin)) {
    located(file, step, () => takeSetting(settings, step.command));
  }
  const outputs: string[][] = steps.slice(0, begin).map(() => []);
  const [parts, world] = located(file, start, () => makeWorld(settings, start.command));
  const scene = new Scene(world, new Renderer());
  await parts.engine.run(async () => {
    for (const step of steps.slice(begin)) {
      try {
        outputs.push(await scene.play(step, step === start));
      } catch (error) {
        throw errorAt(file, step, error);
      }
    }
  });
  return { steps, outputs };
}

/** A world under way. */
class Scene {
  readonly #world: World;
  readonly #renderer: Renderer;
  #states = new Map<string, string>();

  constructor(world: World, renderer: Renderer) {
    this.#world = world;
    this.#renderer = renderer;
  }

  async play({ command }: Step, isFirst: boolean): Promise<string[]> {
    const from = this.#world.now;
    let shown: Shown = {};
    if (isFirst) await this.#world.start();
    else shown = await perform(this.#world, command);
    return [...this.#shown(shown, from), ...this.#renderer.values("state", this.#changedStates())];
  }

  #shown({ replies, marks, quiet = false }: Shown, from: number): string[] {
    const sent = this.#world.takeSent();
    if (marks !== undefined) return this.#renderer.marks(marks);
    if (replies !== undefined) return this.#renderer.values("replies", replies);
    if (quiet) return this.#renderer.summary(sent, from, this.#world.now);
    return this.#renderer.messages(sent);
  }

  #changedStates(): Map<string, Json> {
    const changed = new Map<string, Json>();
    for (const [node, state] of this.#world.states()) {
      const text = canonicalJson(state);
      if (this.#states.get(node) === text) continue;
      this.#states.set(node, text);
      changed.set(node, state);
    }
    return changed;
  }
}

function takeSetting(settings: Map<Setting, string>, command: string): void {
  const [, name = "", value = ""] = /^(\S+)\s+(\S.*)$/.exec(command) ?? [];
  const setting = SETTINGS.find((one) => one === name);
  if (setting === undefined) {
    throw new Error(`'${command}' cannot come before 'nodes COUNT'; ${SETTINGS.join(", ")} can`);
  }
  settings.set(setting, value);
}

function makeWorld(settings: ReadonlyMap<Setting, string>, command: string): [Nodes, World] {
  const [program = "", ...args] = settings.get("program")?.split(/\s+/) ?? [];
  if (program === "") throw new Error(`there is no 'program NAME' (${PROGRAMS.join(", ")})`);
  const seed = settings.get("seed") ?? "";
  const count = positive(command.slice("nodes ".length));
  const latency = positive(settings.get("latency") ?? "");
  const parts = loadNodes(program, args, seed);
  return [parts, new World(parts, { count, latency, seed })];
}

function positive(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new Error(`'${text}' must be a positive integer`);
}

function located<T>(file: string, step: Step, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw errorAt(file, step, error);
  }
}

function errorAt(file: string, { line }: Step, error: unknown): ScriptError {
  const text = error instanceof Error ? error.message : String(error);
  return new ScriptError(`${file}:${line}: ${text}`, { cause: error });
}
