/**
 * Commands of transcripts: what each takes, and what it does to the world.
 *
 * @module
 */

import { type Json, parseJson } from "../../lib/base/mod.ts";
import { TOPOLOGIES, type Topology, topologyOf } from "../../lib/workload/mod.ts";
import type { World } from "./world.ts";

/** A field of a request: a text as it stands, or JSON; the last one takes the rest of the line. */
type Field = readonly [name: string, kind: "text" | "json"];

/** Requests of clients: `NAME NODE FIELD…`, to every running node with `all` for the node. */
const requests: Readonly<Record<string, { readonly type: string; readonly fields: Field[] }>> = {
  broadcast: { type: "broadcast", fields: [["message", "json"]] },
  read: { type: "read", fields: [] },
  add: { type: "add", fields: [["delta", "json"]] },
  insert: { type: "add", fields: [["element", "json"]] },
  send: { type: "send", fields: [["key", "text"], ["msg", "json"]] },
  poll: { type: "poll", fields: [["offsets", "json"]] },
  commit: { type: "commit_offsets", fields: [["offsets", "json"]] },
  committed: { type: "list_committed_offsets", fields: [["keys", "json"]] },
  get: { type: "read", fields: [["key", "text"]] },
  put: { type: "write", fields: [["key", "text"], ["value", "json"]] },
  cas: { type: "cas", fields: [["key", "text"], ["from", "json"], ["to", "json"]] },
  txn: { type: "txn", fields: [["txn", "json"]] },
};

/** What a command has to show beside the messages that were sent. */
export interface Shown {
  /** Answers of all nodes to one request, instead of the messages. */
  readonly replies?: ReadonlyMap<string, Json>;
  /** Rare paths that nodes reached (`node.sometimes`), instead of the messages. */
  readonly marks?: readonly string[];
  /** Messages are only counted. */
  readonly quiet?: boolean;
}

type Act = (world: World, args: readonly string[]) => Promise<Shown | void> | Shown | void;

const commands: Readonly<Record<string, { readonly usage: string; readonly act: Act }>> = {
  run: {
    usage: "run MILLISECONDS [quiet]",
    async act(world, [milliseconds = "", quiet, ...others]) {
      if (others.length > 0 || (quiet !== undefined && quiet !== "quiet")) throw new UsageError();
      await world.run(numberOf(milliseconds));
      return { quiet: quiet !== undefined };
    },
  },
  topology: {
    usage: `topology ${TOPOLOGIES.join("|")}`,
    async act(world, args) {
      const [name] = exactly(1, args);
      let topology: Topology;
      try {
        topology = topologyOf(name as string, world.nodes);
      } catch {
        throw new UsageError();
      }
      for (const node of world.running) await world.request(node, { type: "topology", topology });
    },
  },
  partition: {
    usage: "partition NODE… [| NODE…]…",
    act(world, args) {
      const sides = args.join(" ").split("|").map((side) => side.trim().split(/\s+/));
      for (const node of sides.flat()) nodeOf(world, node);
      const sideOf = (node: string) => sides.findIndex((side) => side.includes(node));
      for (const from of world.nodes) {
        for (const to of world.nodes) {
          if (sideOf(from) !== sideOf(to)) world.cut(from, to, "partition");
        }
      }
    },
  },
  drop: {
    usage: "drop FROM TO [once]",
    act(world, [from = "", to = "", once, ...others]) {
      if (others.length > 0 || (once !== undefined && once !== "once")) throw new UsageError();
      world.cut(endOf(world, from), endOf(world, to), "dropped", once !== undefined);
    },
  },
  heal: {
    usage: "heal",
    act(world, args) {
      exactly(0, args);
      world.heal();
    },
  },
  marks: {
    usage: "marks",
    act(world, args) {
      exactly(0, args);
      return { marks: world.takeMarks() };
    },
  },
  kill: {
    usage: "kill NODE (that runs)",
    act(world, args) {
      const [node = ""] = exactly(1, args);
      if (!world.running.includes(node)) throw new UsageError();
      return world.kill(node);
    },
  },
  restart: {
    usage: "restart NODE (that was killed)",
    act(world, args) {
      const [node = ""] = exactly(1, args);
      if (world.running.includes(nodeOf(world, node))) throw new UsageError();
      return world.restart(node);
    },
  },
};

/** Thrown for arguments that a command does not take. */
class UsageError extends Error {}

/** Runs a command. Throws an Error that says how the command is written, or which ones there are. */
export async function perform(world: World, command: string): Promise<Shown> {
  const [name = "", ...args] = command.split(/\s+/);
  const known = commands[name];
  const request = requests[name];
  try {
    if (known !== undefined) return await known.act(world, args) ?? {};
    if (request !== undefined) return await ask(world, request.type, request.fields, command);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    throw new Error(`'${command}' is not of the form: ${usageOf(name)}`);
  }
  const all = [...Object.keys(commands), ...Object.keys(requests)].sort().join(", ");
  throw new Error(`there is no command '${name}'; there are ${all}`);
}

function usageOf(name: string): string {
  const fields = requests[name]?.fields.map(([field, kind]) =>
    kind === "json" ? `${field.toUpperCase()} (JSON)` : field.toUpperCase()
  );
  return commands[name]?.usage ?? [name, "NODE|all", ...fields ?? []].join(" ");
}

async function ask(world: World, type: string, fields: Field[], command: string): Promise<Shown> {
  const [, node = "", rest = ""] = /^\S+\s+(\S+)\s*(.*)$/.exec(command) ?? [];
  const body = { type, ...readFields(fields, rest) };
  if (node !== "all") {
    await world.request(nodeOf(world, node), body);
    return {};
  }
  const replies = new Map<string, Json>();
  for (const one of world.running) {
    const [reply] = await world.request(one, body);
    replies.set(one, reply === undefined ? "no-reply-yet" : valueOf(reply));
  }
  return { replies };
}

/** Returns what a reply holds: the value of its only field, or all of it. */
function valueOf(reply: object): Json {
  const { type: _, in_reply_to: __, ...fields } = reply as Record<string, Json>;
  const values = Object.values(fields);
  return values.length === 1 ? values[0] as Json : fields;
}

function readFields(fields: Field[], text: string): Record<string, Json> {
  const values: Record<string, Json> = {};
  let rest = text;
  for (const [index, [name, kind]] of fields.entries()) {
    const isLast = index === fields.length - 1;
    const [word = "", after = ""] = isLast ? [rest] : split(rest);
    if (word === "") throw new UsageError();
    values[name] = kind === "text" ? word : jsonOf(word);
    rest = after;
  }
  if (fields.length === 0 && rest !== "") throw new UsageError();
  return values;
}

function split(text: string): string[] {
  const at = text.search(/\s/);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at).trim()];
}

function jsonOf(text: string): Json {
  try {
    return parseJson(text);
  } catch {
    throw new UsageError();
  }
}

function nodeOf(world: World, id: string): string {
  if (world.nodes.includes(id)) return id;
  throw new Error(`there is no node '${id}'; there are ${world.nodes.join(", ")}`);
}

/** A node or a service. */
function endOf(world: World, id: string): string {
  return world.services.includes(id) ? id : nodeOf(world, id);
}

function exactly(count: number, args: readonly string[]): readonly string[] {
  if (args.length !== count) throw new UsageError();
  return args;
}

/** Reads a number from 0. Throws for anything else. */
export function numberOf(text: string): number {
  const value = text === "" ? NaN : Number(text);
  if (!Number.isFinite(value) || value < 0) throw new UsageError();
  return value;
}
