/**
 * A node under a test's control, on a {@link FakeHost}.
 *
 * @module
 */

import { type Node, type NodeFunction, type NodeProgram, NodeRuntime } from "../node/mod.ts";
import type { Body } from "../wire/mod.ts";
import { FakeDisk } from "./fake_disk.ts";
import { type Answer, FakeHost, settled } from "./fake_host.ts";

/** How a test starts a node. */
export interface FakeNodeOptions {
  /** `n1` by default. */
  readonly id?: string;
  /** `n1`, `n2`, `n3` by default. */
  readonly nodes?: readonly string[];
  /** The node's command-line arguments; none by default. */
  readonly args?: readonly string[];
  /** Whether the node receives `init` immediately; true by default. */
  readonly init?: boolean;
  /** The seed of `node.random()`. */
  readonly seed?: string | number;
  /** The disk of a node that persists; an empty one by default. */
  readonly disk?: FakeDisk;
  /** Answers what the node sends to services and peers; without it, no request gets a reply. */
  readonly answer?: Answer;
}

/**
 * A node on a {@link FakeHost}.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { FakeNode } from "@gossip/workbench/testing";
 *
 * const node = new FakeNode((node) => node.on("ping", () => ({ type: "ping_ok" })));
 * deepEqual(await node.ask({ type: "ping" }), { type: "ping_ok" });
 * ```
 */
export class FakeNode {
  /** The host, which keeps what the node sends and logs. */
  readonly host: FakeHost;
  /** The runtime between the host and the program. */
  readonly runtime: NodeRuntime;
  /** The node's id. */
  readonly id: string;
  /** The node's disk. Pass it on to a new node to restart this one. */
  readonly disk: FakeDisk;
  readonly #nodes: readonly string[];
  #node: Node | undefined;
  #lastId = 0;

  /** Throws a `UsageError` for arguments that the program does not take. */
  constructor(program: NodeFunction, options: FakeNodeOptions = {}) {
    this.id = options.id ?? "n1";
    this.#nodes = options.nodes ?? ["n1", "n2", "n3"];
    this.host = new FakeHost(options.seed);
    if (options.answer !== undefined) this.host.answer = options.answer;
    this.disk = options.disk ?? new FakeDisk();
    const { start = program, ...definition } = program as NodeProgram;
    this.host.openStorage = () => this.disk.openStorage(this.host);
    const observed = Object.assign(() => {}, definition, {
      start: (node: Node, flags: never) => start(this.#node = node, flags),
    });
    this.runtime = new NodeRuntime(observed, this.host, options.args ?? []);
    this.host.connect((message) => this.runtime.receive(message));
    if (options.init ?? true) this.init();
  }

  /**
   * As the constructor, for a program that returns a promise: resolves when that has settled without
   * time passing, such as after the program has recovered its disk. Rejects with the program's error.
   */
  static async start(program: NodeFunction, options: FakeNodeOptions = {}): Promise<FakeNode> {
    const node = new FakeNode(program, options);
    await settled();
    if (node.host.failure !== undefined) throw node.host.failure;
    node.host.takeSent();
    return node;
  }

  /** Sends `init` to the node, which starts its program, and discards what the node sends then. */
  init(): void {
    this.receive({ type: "init", node_id: this.id, node_ids: [...this.#nodes], msg_id: 0 }, "c0");
    if (this.host.failure !== undefined) throw this.host.failure;
    this.host.takeSent();
  }

  /** The {@link Node} that the program received. Throws an Error before `init`. */
  get node(): Node {
    if (this.#node === undefined) throw new Error("the program starts at init; call init() first");
    return this.#node;
  }

  /** The state that the program exposes. */
  get state(): unknown {
    return this.runtime.state;
  }

  /** Delivers a message to the node. */
  receive(body: Body, src = "c1"): void {
    this.runtime.receive({ src, dest: this.id, body });
  }

  /**
   * Sends a request and returns the reply's body without `in_reply_to`; undefined when there is no
   * reply yet. No time passes; promises that need none settle.
   */
  async ask(body: Body, src = "c1"): Promise<Body | undefined> {
    const id = ++this.#lastId;
    const before = this.host.sent.length;
    this.receive({ ...body, msg_id: id }, src);
    await settled();
    const reply = this.host.sent.slice(before).find((message) =>
      message.dest === src && message.body.in_reply_to === id
    );
    if (reply === undefined) return undefined;
    const { in_reply_to: _, ...rest } = reply.body;
    return rest as Body;
  }
}
