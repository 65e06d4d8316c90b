/**
 * Nodes, services and clients on a virtual network whose links can be cut, and a record of every
 * message that was sent. A message is lost or not at the moment when it is sent; only one to a node
 * that goes down meanwhile is lost later.
 *
 * @module
 */

import { isJsonObject, type Json, Random } from "../../lib/base/mod.ts";
import { createServices, type Service } from "../../lib/service/mod.ts";
import {
  type Body,
  involvesClient,
  isClientId,
  type RawMessage,
  toMessage,
} from "../../lib/wire/mod.ts";
import { sleep } from "../../lib/workbench/clock.ts";
import { Cluster } from "../../lib/workbench/cluster.ts";
import type { JournalEvent } from "../../lib/workbench/journal.ts";
import { Network } from "../../lib/workbench/network.ts";
import { nodeIds } from "../../lib/workload/mod.ts";
import type { Nodes } from "./program.ts";

/** A message as it was sent. */
export interface Sent {
  readonly time: number;
  readonly src: string;
  readonly dest: string;
  readonly body: unknown;
  /** Why it did not arrive. */
  lost?: string;
}

/** What becomes of messages on a link in one direction: lost until the heal, or once. */
interface Cut {
  readonly cause: "partition" | "dropped";
  readonly once: boolean;
}

/** Milliseconds that a message takes between nodes, and how many nodes there are. */
export interface WorldOptions {
  readonly latency: number;
  readonly count: number;
  readonly seed: string;
}

/** A world. Call it within the engine's `run`. */
export class World {
  readonly nodes: readonly string[];
  readonly #parts: Nodes;
  readonly #network: Network;
  readonly #cluster: Cluster;
  readonly #services: ReadonlyMap<string, Service>;
  readonly #cuts = new Map<string, Cut>();
  readonly #down = new Set<string>();
  readonly #clients = new Map<string, string>();
  readonly #underWay = new Map<number, Sent>();
  readonly #marks = new Set<string>();
  #sent: Sent[] = [];

  constructor(parts: Nodes, { latency, count, seed }: WorldOptions) {
    this.nodes = nodeIds(count);
    this.#parts = parts;
    const random = new Random(seed);
    this.#services = createServices(random.fork("services"));
    this.#network = new Network({
      clock: parts.engine.clock,
      random: random.fork("latency"),
      latency: { meanMs: latency, distribution: "constant" },
      journal: (event) => this.#note(event),
      serial: false,
    });
    this.#network.addRule({
      name: "cut",
      onSend: ({ id, message }) => this.#isLost(id, message) ? { kind: "drop" } : { kind: "pass" },
    });
    this.#cluster = new Cluster({
      engine: parts.engine,
      network: this.#network,
      nodes: this.nodes,
      log: () => {},
      onReached: (_, mark) => this.#marks.add(mark),
    });
  }

  get now(): number {
    return this.#parts.engine.clock.now();
  }

  /** The services' ids. */
  get services(): readonly string[] {
    return [...this.#services.keys()];
  }

  /** Nodes that are not down. */
  get running(): readonly string[] {
    return this.nodes.filter((node) => !this.#down.has(node));
  }

  /** Returns the state that each node shows, "down" for one that is; empty when none shows any. */
  states(): Map<string, Json> {
    const states = this.nodes.flatMap((node): [string, Json][] => {
      const state = this.#parts.stateOf(node);
      return state === undefined ? [] : [[node, this.#down.has(node) ? "down" : state]];
    });
    return new Map(states);
  }

  /** Takes what was sent since this was asked last, and fails for what nodes may not do. */
  takeSent(): Sent[] {
    const [problem] = this.#cluster.problems;
    if (problem !== undefined) throw new Error(`${problem.node}: ${problem.problem}`);
    const [crash] = this.#cluster.crashes();
    if (crash !== undefined) throw new Error(`${crash.node} ended: ${crash.stderr.join(" | ")}`);
    const sent = this.#sent;
    this.#sent = [];
    return sent;
  }

  /** Takes the marks of rare paths that nodes reached since this was called last. */
  takeMarks(): string[] {
    const marks = [...this.#marks];
    this.#marks.clear();
    return marks;
  }

  /** Starts the services and the nodes. */
  async start(): Promise<void> {
    for (const [id, service] of this.#services) {
      this.#network.add(id, (parcel) => {
        const request = toMessage(parcel);
        const body = { ...service.handle(request), in_reply_to: request.body.msg_id };
        this.#network.send({ src: id, dest: request.src, body });
      });
    }
    await this.#cluster.start();
    await this.settle();
  }

  /** Sends a client's request; returns the replies, which may come later. */
  async request(node: string, body: Body): Promise<readonly Body[]> {
    const replies: Body[] = [];
    const client = this.#network.addClient((parcel) => {
      replies.push(toMessage(parcel).body);
    });
    this.#clients.set(client, `c${this.#clients.size + 1}`);
    this.#network.send({ src: client, dest: node, body: { ...body, msg_id: 1 } });
    await this.settle();
    return replies;
  }

  async run(milliseconds: number): Promise<void> {
    await sleep(this.#parts.engine.clock, milliseconds);
    await this.settle();
  }

  /** Cuts a link in one direction. */
  cut(from: string, to: string, cause: Cut["cause"], once = false): void {
    this.#cuts.set(`${from} ${to}`, { cause, once });
  }

  heal(): void {
    this.#cuts.clear();
  }

  async kill(node: string): Promise<void> {
    this.#down.add(node);
    await this.#cluster.kill(node);
    await this.settle();
  }

  async restart(node: string): Promise<void> {
    this.#down.delete(node);
    await this.#cluster.restart(node);
    await this.settle();
  }

  /** Lets everything happen that is due now. */
  async settle(): Promise<void> {
    const { clock } = this.#parts.engine;
    for (let before = -1; clock.steps - before > 1;) {
      before = clock.steps;
      await sleep(clock, 0);
    }
  }

  #note({ type, id, message }: JournalEvent): void {
    if (type === "send") {
      const { src, dest, body } = message;
      const names = { src: this.#nameOf(src), dest: this.#nameOf(dest) };
      const sent: Sent = { time: this.now, ...names, body: structuredClone(body) };
      this.#underWay.set(id, sent);
      this.#sent.push(sent);
      return;
    }
    const sent = this.#underWay.get(id);
    this.#underWay.delete(id);
    if (sent === undefined || !this.#down.has(message.dest)) return;
    sent.lost = `${message.dest} is down`;
    // It was shown as sent by an earlier command.
    if (!this.#sent.includes(sent)) this.#sent.push({ ...sent, time: this.now });
  }

  #isLost(id: number, message: RawMessage): boolean {
    if (involvesClient(message)) return false;
    const link = `${message.src} ${message.dest}`;
    const cut = this.#cuts.get(link);
    if (cut === undefined) return false;
    if (cut.once) this.#cuts.delete(link);
    const sent = this.#underWay.get(id);
    if (sent !== undefined) sent.lost = cut.cause;
    this.#underWay.delete(id);
    return true;
  }

  /** Clients that initialise nodes are all called c0. */
  #nameOf(id: string): string {
    return isClientId(id) ? this.#clients.get(id) ?? "c0" : id;
  }
}

/** Returns what a reply says, without what only delivers it. */
export function contentOf(body: unknown): Record<string, Json> {
  if (!isJsonObject(body)) return {};
  const { msg_id: _, in_reply_to: __, ...content } = body;
  return content;
}
