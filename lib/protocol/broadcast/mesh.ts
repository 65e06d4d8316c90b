/**
 * Strategy `mesh`: every node sends every other one each value immediately, and a slow exchange of
 * summaries repairs what gets lost.
 *
 * **Idea.** The fastest there is: one latency, for n − 1 messages a value. These `push` messages are
 * not acknowledged. Beside them, the first node and each other one advertise what they have (IHAVE),
 * every interval T while there are changes, and once more when they cease. A receiver that lacks some
 * of it waits for a push on its way, then requests it. That is 3·(n − 1)/T messages a second,
 * independent of the number of values. When values are further apart than 200 ms, an
 * advertisement follows each, and costs more than the value.
 *
 * **Why nothing is lost.** The sessions with the first node are reliable, although they carry
 * summaries only. What the first node receives by repair, others are likely to lack, too: it sends
 * that to all of them.
 *
 * @module
 */

import { type Node, schema } from "../../node/mod.ts";
import {
  type Engine,
  EntryLog,
  type Policy,
  type PolicyEvent,
  type Session,
} from "../../replication/mod.ts";
import {
  advertiseAtMs,
  type Broadcast,
  replicateValues,
  type StrategyOptions,
} from "./strategy.ts";

/** An advertised value may still arrive as a push for this long, or a round trip if that is shorter. */
const MAX_PUSH_DELAY_MS = 250;
const ACK_DELAY_MS = 150;
const TIMING = {
  own: { ackDelayMs: ACK_DELAY_MS, maxAckDelayMs: ACK_DELAY_MS },
  peer: { ackDelayMs: ACK_DELAY_MS, maxAckDelayMs: ACK_DELAY_MS + MAX_PUSH_DELAY_MS },
};

/** Starts the strategy. */
export function mesh(node: Node, options: StrategyOptions): Broadcast {
  const log = new EntryLog(node);
  const policy = new MeshPolicy(node, log, options.intervalMs);
  const messages = { push: { delta: schema.json } };
  return replicateValues(node, log, policy, options, messages);
}

class MeshPolicy implements Policy {
  readonly isLazy = true;
  readonly #node: Node;
  readonly #log: EntryLog;
  readonly #intervalMs: number;
  readonly #isFirst: boolean;
  /** The version up to which this node's own values were pushed. */
  #pushed = 0;
  /** The nodes that the first node suspects get no pushes. */
  #suspects: readonly string[] = [];

  constructor(node: Node, log: EntryLog, intervalMs: number) {
    this.#node = node;
    this.#log = log;
    this.#intervalMs = intervalMs;
    this.#isFirst = node.id === node.nodes[0];
  }

  peers(): readonly string[] {
    return this.#isFirst ? this.#node.peers : this.#node.nodes.slice(0, 1);
  }

  timing() {
    return TIMING;
  }

  sendAtMs(session: Session, pendingMs: number): number {
    const regularMs = advertiseAtMs(session, pendingMs, this.#intervalMs);
    // A node answers an advertisement with one of its own rather than with an acknowledgement.
    const answerMs = this.#isFirst ? Infinity : session.ackDueMs(TIMING);
    return Math.min(regularMs, answerMs);
  }

  ihaveTimeoutMs(session: Session): number {
    return Math.min(MAX_PUSH_DELAY_MS, session.replyMs);
  }

  hint() {
    return this.#isFirst && this.#suspects.length > 0 ? [...this.#suspects] : undefined;
  }

  on(event: PolicyEvent, engine: Engine, now: number): void {
    if (this.#isFirst) {
      const suspects = [...engine.sessions.values()].filter(({ isSuspected }) => isSuspected);
      this.#suspects = suspects.map(({ peer }) => peer);
    } else if (event.type === "update" && event.session.peer === this.#node.nodes[0]) {
      this.#suspects = (event.update.hint ?? []) as string[];
    } else if (event.type === "suspected") this.#suspects = [event.session.peer];
    if (event.type === "changed") this.#push(engine);
    else if (event.type === "other") this.#log.mergeOwn(event.body.delta ?? [], now);
    else if (event.type === "update" && this.#isFirst && engine.state.version > event.before) {
      for (const session of engine.sessions.values()) session.request();
    }
  }

  #push(engine: Engine): void {
    const delta = this.#log.ownSince(this.#pushed);
    this.#pushed = this.#log.version;
    if (delta === undefined) return;
    for (const peer of this.#node.peers) {
      if (!this.#suspects.includes(peer)) engine.send(peer, { type: "push", delta });
    }
  }
}
