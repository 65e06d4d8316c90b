/**
 * CASPaxos on a node: many registers by key, each with an acceptor on the node's disk and a proposer
 * for the node's clients. `caspaxos.ts` explains the protocol.
 *
 * A proposer sends each request to all acceptors and continues with the first quorum of replies. It
 * retransmits to the others after a timeout. After a lost round it waits for a random time, longer
 * after each loss, so that rivals do not interrupt each other forever. It also waits while a rival is
 * between its two phases, as its own acceptor shows.
 *
 * A change that has no result in time ends with error 0 (timeout) if an acceptor may store its value,
 * because a rival may complete it later. Otherwise it ends with error 11 (temporarily unavailable),
 * which is definite.
 *
 * @module
 */

import { Backoff, RoundTripEstimator } from "../../base/mod.ts";
import { canonicalJson, ErrorCode, type Json, type Node, RpcError } from "../../node/mod.ts";
import { type Change, Proposer, type Reply, type Request, type Results } from "./caspaxos.ts";
import { Acceptor } from "./acceptor.ts";
import { ClientTimeout } from "./client_timeout.ts";
import { Exchange } from "./exchange.ts";

/** Changes a register: runs a function on its value, and resolves to the function's result. */
export type ChangeRegister = <T>(
  key: Json,
  run: (value: Json | undefined) => readonly [next: Json | undefined, result: T],
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
  return <T>(key: Json, run: Parameters<ChangeRegister>[1]) => {
    const name = canonicalJson(key);
    let register = registers.get(name);
    if (register === undefined) {
      register = new Register(node, name, { acceptor, exchange, timeout, phases });
      registers.set(name, register);
    }
    return register.change(run) as Promise<T>;
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
  readonly #onResult = new Map<Change, (result: unknown) => void>();
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
      sometimes: (text) => node.sometimes(text),
    });
  }

  change(run: Change["run"]): Promise<unknown> {
    const change: Change = { run, mayHaveHappened: false };
    return new Promise((resolve, reject) => {
      const cancel = this.#timeout.start((elapsedMs) => {
        this.#proposer.pending.delete(change);
        this.#onResult.delete(change);
        reject(this.#timeoutError(change, elapsedMs));
      });
      this.#onResult.set(change, (result) => {
        cancel();
        this.#onResult.delete(change);
        resolve(result);
      });
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
      await this.#defer();
      const results = await this.#round();
      if (results !== undefined) {
        backoff = undefined;
        for (const [change, result] of results) this.#onResult.get(change)?.(result);
        continue;
      }
      const minMs = this.#phaseMs;
      const limits = { minMs, maxMs: MAX_BACKOFF_PHASES * minMs, jitter: 1 };
      backoff ??= new Backoff(limits, () => this.#node.random());
      await this.#node.sleep(backoff.next());
    }
    this.#isRunning = false;
  }

  /** Waits while a rival is between its two phases: a prepare now would interrupt its accept. */
  async #defer(): Promise<void> {
    while (this.#acceptor.isBusy(this.#key, MAX_DEFERENCE_PHASES * this.#phaseMs)) {
      this.#node.sometimes("caspaxos: a proposer deferred to a rival");
      await this.#node.sleep(this.#node.random() * this.#phaseMs);
    }
  }

  /** The expected duration of a phase, in milliseconds. */
  get #phaseMs(): number {
    return Math.max(1, this.#phases.median ?? INITIAL_PHASE_MS);
  }

  /** Runs one round; resolves to its results, or undefined when a rival or a timeout ended it. */
  #round(): Promise<Results | undefined> {
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
          if (outcome === "lost") return resolve(undefined);
          this.#phases.add(this.#node.monotonic() - startMs);
          if (outcome.type === "chosen") resolve(outcome.results);
          else start(outcome);
        };
        let wasIdle = false;
        const retransmit = () => {
          // A round without changes may still end, which spares the next change a phase.
          const isIdle = proposer.pending.size === 0;
          if (proposer.hasRival || (isIdle && wasIdle)) {
            proposer.abandon();
            return resolve(undefined);
          }
          wasIdle = isIdle;
          send(proposer.unanswered);
          stop = this.#node.after(timeouts.next(), retransmit);
        };
        stop = this.#node.after(timeouts.next(), retransmit);
        send(this.#node.nodes);
      };
      start(proposer.begin(this.#acceptor.promised(this.#key)));
    });
  }
}
