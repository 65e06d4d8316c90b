/**
 * A simulation engine with a listener that records what nodes do, for tests of the engine alone.
 *
 * @module
 */

import type { Message, RawMessage } from "../../../lib/wire/mod.ts";
import type { NodeFunction } from "../../../lib/node/mod.ts";
import { sleep } from "../../../lib/workbench/clock.ts";
import { SimEngine } from "../../../lib/workbench/sim/sim_engine.ts";
import type { SimNode } from "../../../lib/workbench/sim/sim_node.ts";

/** Runs simulated nodes and records their output. */
export class SimHarness {
  readonly engine: SimEngine;
  /** The messages that nodes sent, as `12 n0 → c1 read_ok` after 12 ms. */
  readonly sent: string[] = [];
  readonly messages: RawMessage[] = [];
  readonly malformedOutput: string[] = [];
  readonly log: string[] = [];
  readonly nondeterministicCalls: { readonly call: string; readonly location: string }[] = [];

  constructor(program: NodeFunction, args: readonly string[] = [], seed = "1") {
    this.engine = new SimEngine(program, args, seed);
  }

  /** Starts a node and sends it `init`. */
  start(id = "n0", nodes: readonly string[] = [id]): SimNode {
    const node = this.startUninitialised(id);
    this.request(node, { type: "init", node_id: id, node_ids: [...nodes], msg_id: 1 });
    return node;
  }

  /** Starts a node without sending `init`. */
  startUninitialised(id = "n0"): SimNode {
    const { clock } = this.engine;
    return this.engine.start(id, {
      sent: (message) => {
        const { type } = message.body as { readonly type: string };
        this.sent.push(`${clock.now()} ${message.src} → ${message.dest} ${type}`);
        this.messages.push(message);
      },
      malformedOutput: (line, problem) => this.malformedOutput.push(`${line}: ${problem}`),
      logged: (line) => this.log.push(`${clock.now()} ${line}`),
      nondeterministicCall: (call, location) => this.nondeterministicCalls.push({ call, location }),
    }) as SimNode;
  }

  /** Delivers a message from client c1 to a node. */
  request(node: SimNode, body: Message["body"]): void {
    node.deliver({ src: "c1", dest: node.id, body });
  }

  /** Advances the virtual time. */
  advance(durationMs: number): Promise<void> {
    return sleep(this.engine.clock, durationMs);
  }

  /** Runs a test on the engine. */
  run<T>(test: () => Promise<T>): Promise<T> {
    return this.engine.run(test);
  }
}
