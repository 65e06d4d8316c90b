/**
 * CASPaxos on a node: many registers by key, each with an acceptor on the node's disk and a proposer
 * for the node's clients. `caspaxos.ts` explains the protocol.
 *
 * A proposer sends each request to all acceptors and continues with the first quorum of replies. It
 * retransmits to the others after a timeout. It waits while a rival is between its two phases, as its
 * own acceptor shows. After a lost round it waits until a rival's state is accepted, or for a random
 * time, longer after each loss, so that rivals do not interrupt each other forever. A random pause
 * follows: rounds and clients' timeouts must not keep in step, which could always fail the same client.
 *
 * A change that has no result in time ends with error 0 (timeout) if an acceptor may store its value,
 * because a rival may complete it later. Otherwise it ends with error 11 (temporarily unavailable),
 * which is definite.
 *
 * @module
 */

import { Backoff, RoundTripEstimator } from "../../base/mod.ts";
import { canonicalJson, ErrorCode, type Json, type Node, RpcError } from "../../node/mod.ts";
import { type Change, Proposer, type Reply, type Request } from "./caspaxos.ts";
import { Acceptor } from "./acceptor.ts";
import { ClientTimeout } from "./client_timeout.ts";
import { Exchange } from "./exchange.ts";

/**
 * Changes a register: runs a function on its value, and resolves to the function's result. `isRead` states
 * that the function keeps every value, so that its round interrupts no other.
 */
export type ChangeRegister = <T>(
  key: Json,
  run: (value: Json | undefined) => readonly [next: Json | undefined, result: T],
  isRead?: boolean,
) => Promise<T>;

/** The number of phases that the estimate of their duration takes into account. */
const PHASES = 8;
/** The estimate before the first phase, in milliseconds. */
const INITIAL_PHASE_MS = 25;
/** The retransmission timeout in phases, of which a part is random. */
const TIMEOUT_PHASES = 3;
const JITTER = 0.2;
const MIN_TIMEOUT_MS = 20;
const MAX_TIMEOUT_MS = 1000;
/** The growth of the retransmission timeout: it limits how long a heal goes unnoticed. */
const MAX_TIMEOUT_FACTOR = 2;
/** How long a proposer defers to a rival that has finished its first phase. */
const MAX_DEFERENCE_PHASES = 2;
/** How much longer than a definite error an indefinite one waits, whose change may be confirmed. */
const INDEFINITE_WAIT = 0.1;
/** The longest back-off. */
const MAX_BACKOFF_PHASES = 16;

/**
 * Starts an acceptor and a proposer for each key. Clients' changes time out after at least
 * `minTimeoutMs` milliseconds. Resolves when the acceptor has recovered what it promised.
 */
export async function serveRegisters(node: Node, minTimeoutMs: number): Promise<ChangeRegister> {
  const acceptor = new Acceptor(node);
  await acceptor.recover();
  const timeout = new ClientTimeout(node, minTimeoutMs);
  const exchange = new Exchange(node, acceptor, (elapsedMs) => timeout.add(elapsedMs));
  const phases = new RoundTripEstimator({ window: PHASES, initialMs: INITIAL_PHASE_MS });
  const registers = new Map<string, Register>();
  return <T>(key: Json, run: Parameters<ChangeRegister>[1], isRead = false) => {
    const name = canonicalJson(key);
    let register = registers.get(name);
    if (register === undefined) {
      register = new Register(node, name, { acceptor, exchange, timeout, phases });
      registers.set(name, register);
    }
    return register.change(run, isRead) as Promise<T>;
  };
}

/** What the registers of a node share. */
interface Shared {
  readonly acceptor: Acceptor;
  readonly exchange: Exchange;
  readonly timeout: ClientTimeout;
  /** How long a phase takes that no rival interrupts: a round trip, or more around broken links. */
  readonly phases: RoundTripEstimator;
}

/** A register as its clients at this node use it. */
class Register {
  readonly #node: Node;
  readonly #key: string;
  readonly #acceptor: Acceptor;
  readonly #exchange: Exchange;
  readonly #timeout: ClientTimeout;
  readonly #phases: RoundTripEstimator;
  readonly #proposer: Proposer;
  #isRunning = false;

  constructor(
    node: Node,
    key: string,
    shared: Shared,
  ) {
    this.#node = node;
    this.#key = key;
    this.#acceptor = shared.acceptor;
    this.#exchange = shared.exchange;
    this.#timeout = shared.timeout;
    this.#phases = shared.phases;
    this.#proposer = new Proposer({
      acceptors: node.nodes,
      id: node.id,
      incarnation: node.incarnation,
      promised: () => this.#acceptor.promised(key),
      sometimes: (text) => node.sometimes(text),
    });
  }

  change(run: Change["run"], isRead: boolean): Promise<unknown> {
    return new Promise((resolve, reject) => {
      let cancel = this.#timeout.start((elapsedMs) => {
        const expire = () => {
          this.#proposer.pending.delete(change);
          reject(this.#timeoutError(change, elapsedMs));
        };
        if (!change.mayHaveHappened) expire();
        else cancel = this.#node.after(INDEFINITE_WAIT * elapsedMs, expire);
      });
      const change: Change = {
        run,
        isRead,
        mayHaveHappened: false,
        resolve(result) {
          cancel();
          resolve(result);
        },
      };
      this.#proposer.pending.add(change);
      if (!this.#isRunning) this.#run();
    });
  }

  #timeoutError({ mayHaveHappened }: Change, elapsedMs: number): RpcError {
    const waited = `no quorum of acceptors within ${Math.round(elapsedMs)} ms`;
    if (mayHaveHappened) {
      this.#node.sometimes("caspaxos: a change timed out that may have happened");
      return new RpcError(ErrorCode.timeout, `${waited}; the change may still happen`);
    }
    this.#node.sometimes("caspaxos: a change timed out that has not happened");
    return new RpcError(ErrorCode.temporarilyUnavailable, `${waited}; nothing was changed`);
  }

  /** Runs rounds until no change is pending. */
  async #run(): Promise<void> {
    this.#isRunning = true;
    let backoff: Backoff | undefined;
    while (this.#proposer.pending.size > 0) {
      // A prepare between the two phases of a rival would interrupt its accept.
      if (!this.#proposer.isReading) {
        await this.#acceptor.untilIdle(this.#key, MAX_DEFERENCE_PHASES * this.#phaseMs);
      }
      if (await this.#round() === "done") {
        backoff = undefined;
        continue;
      }
      const minMs = this.#phaseMs;
      const limits = { minMs, maxMs: MAX_BACKOFF_PHASES * minMs, jitter: 1 };
      backoff ??= new Backoff(limits, () => this.#node.random());
      await this.#acceptor.untilAccepted(this.#key, backoff.next());
      await this.#node.sleep(this.#phaseMs * this.#node.random());
    }
    this.#isRunning = false;
  }

  /** The expected duration of a phase, in milliseconds. */
  get #phaseMs(): number {
    return Math.max(1, this.#phases.median ?? INITIAL_PHASE_MS);
  }

  /** Runs one round until it is done, or lost to a rival or a timeout. */
  #round(): Promise<"done" | "lost"> {
    const proposer = this.#proposer;
    const minMs = Math.min(
      MAX_TIMEOUT_MS,
      Math.max(MIN_TIMEOUT_MS, TIMEOUT_PHASES * this.#phaseMs),
    );
    return new Promise((resolve) => {
      let stop = () => {};
      const start = (request: Request) => {
        const startMs = this.#node.monotonic();
        const send = (acceptors: readonly string[]) =>
          this.#exchange.send(acceptors, this.#key, request, receive);
        const limits = { minMs, maxMs: MAX_TIMEOUT_FACTOR * minMs, jitter: JITTER };
        const timeouts = new Backoff(limits, () => this.#node.random());
        const receive = (acceptor: string, reply: Reply) => {
          const outcome = proposer.receive(acceptor, request, reply);
          if (outcome === undefined) return;
          stop();
          this.#phases.add(this.#node.monotonic() - startMs);
          if (typeof outcome === "string") resolve(outcome);
          else start(outcome);
        };
        let wasIdle = false;
        const retransmit = () => {
          // A round without changes may still end, which spares the next change a phase.
          const isIdle = proposer.pending.size === 0;
          const { unanswered } = proposer;
          if (unanswered.length === 0 || (isIdle && wasIdle)) return resolve(proposer.abandon());
          wasIdle = isIdle;
          send(unanswered);
          stop = this.#node.after(timeouts.next(), retransmit);
        };
        stop = this.#node.after(timeouts.next(), retransmit);
        send(this.#node.nodes);
      };
      start(proposer.begin());
    });
  }
}
