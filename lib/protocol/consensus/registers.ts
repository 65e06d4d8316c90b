/**
 * CASPaxos on a node: many registers by key, each with an acceptor on the node's disk and a proposer
 * for the node's clients. `caspaxos.ts` explains the protocol.
 *
 * A proposer sends each request to all acceptors and continues with the first quorum of replies. It
 * retransmits to the others after a timeout, and sends around broken links. After a lost round it waits
 * for a random time, longer after each loss, so that rivals do not interrupt each other forever.
 *
 * A change that has no result in time ends with error 0 (timeout) if an acceptor may store its value,
 * because a rival may complete it later. Otherwise it ends with error 11 (temporarily unavailable),
 * which is definite.
 *
 * @module
 */

import { Backoff } from "../../base/mod.ts";
import {
  type Body,
  canonicalJson,
  ErrorCode,
  type Json,
  type Node,
  RpcError,
  schema,
} from "../../node/mod.ts";
import {
  ballotSchema,
  type Change,
  Proposer,
  type Reply,
  type Request,
  type Results,
  stateSchema,
} from "./caspaxos.ts";
import { Acceptor } from "./acceptor.ts";
import { ClientTimeout } from "./client_timeout.ts";
import { Relay } from "./relay.ts";

/** Changes a register: runs a function on its value, and resolves to the function's result. */
export type ChangeRegister = <T>(
  key: Json,
  run: (value: Json | undefined) => readonly [next: Json | undefined, result: T],
) => Promise<T>;

const { either, literal, object, string } = schema;
const replySchema = either(
  object({ type: literal("promise"), accepted: ballotSchema, state: stateSchema }),
  object({ type: literal("accepted") }),
  object({ type: literal("conflict"), ballot: ballotSchema }),
);
/** The retransmission timeout before the first round trip, in milliseconds. */
const INITIAL_TIMEOUT_MS = 100;
const MIN_TIMEOUT_MS = 20;
const MAX_TIMEOUT_MS = 1000;
/** The retransmission timeout in round trips, of which a part is random. */
const TIMEOUT_ROUND_TRIPS = 4;
const JITTER = 0.2;
/** The growth of the retransmission timeout: it limits how long a heal goes unnoticed. */
const MAX_TIMEOUT_FACTOR = 3;
/** How long a proposer defers to a rival that has finished its first phase, in round trips. */
const MAX_DEFERENCE_ROUND_TRIPS = 2;
/** The longest back-off in round trips. */
const MAX_BACKOFF_ROUND_TRIPS = 16;

/**
 * Starts an acceptor and a proposer for each key. Clients' changes time out after at least
 * `minTimeoutMs` milliseconds. Resolves when the acceptor has recovered what it promised.
 */
export async function serveRegisters(node: Node, minTimeoutMs: number): Promise<ChangeRegister> {
  const acceptor = new Acceptor(node);
  await acceptor.recover();
  const timeout = new ClientTimeout(node, minTimeoutMs);
  const relay = new Relay(node, (elapsedMs) => timeout.add(elapsedMs));
  const registers = new Map<string, Register>();
  node.on("prepare", { key: string, ballot: ballotSchema }, ({ key, ballot }) => {
    return acceptor.handle(key, { type: "prepare", ballot });
  });
  const acceptFields = {
    key: string,
    ballot: ballotSchema,
    state: stateSchema,
    next: ballotSchema,
  };
  node.on("accept", acceptFields, ({ key, ballot, state, next }) => {
    return acceptor.handle(key, { type: "accept", ballot, state, next });
  });
  return <T>(key: Json, run: Parameters<ChangeRegister>[1]) => {
    const name = canonicalJson(key);
    let register = registers.get(name);
    if (register === undefined) {
      register = new Register(node, name, { acceptor, relay, timeout });
      registers.set(name, register);
    }
    return register.change(run) as Promise<T>;
  };
}

/** A register as its clients at this node use it. */
class Register {
  readonly #node: Node;
  readonly #key: string;
  readonly #acceptor: Acceptor;
  readonly #relay: Relay;
  readonly #timeout: ClientTimeout;
  readonly #proposer: Proposer;
  readonly #onResult = new Map<Change, (result: unknown) => void>();
  #isRunning = false;

  constructor(
    node: Node,
    key: string,
    shared: { acceptor: Acceptor; relay: Relay; timeout: ClientTimeout },
  ) {
    this.#node = node;
    this.#key = key;
    this.#acceptor = shared.acceptor;
    this.#relay = shared.relay;
    this.#timeout = shared.timeout;
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
      const minMs = Math.max(1, this.#timeout.roundTripMs ?? INITIAL_TIMEOUT_MS);
      const limits = { minMs, maxMs: MAX_BACKOFF_ROUND_TRIPS * minMs, jitter: 1 };
      backoff ??= new Backoff(limits, () => this.#node.random());
      await this.#node.sleep(backoff.next());
    }
    this.#isRunning = false;
  }

  /** Waits while a rival is between its two phases: a prepare now would interrupt its accept. */
  async #defer(): Promise<void> {
    const roundTripMs = Math.max(1, this.#timeout.roundTripMs ?? 0);
    while (this.#acceptor.isBusy(this.#key, MAX_DEFERENCE_ROUND_TRIPS * roundTripMs)) {
      this.#node.sometimes("caspaxos: a proposer deferred to a rival");
      await this.#node.sleep(this.#node.random() * roundTripMs);
    }
  }

  /** Runs one round; resolves to its results, or undefined when a rival or a timeout ended it. */
  #round(): Promise<Results | undefined> {
    const proposer = this.#proposer;
    const roundTripMs = this.#timeout.roundTripMs;
    const minMs = roundTripMs === undefined
      ? INITIAL_TIMEOUT_MS
      : Math.min(MAX_TIMEOUT_MS, Math.max(MIN_TIMEOUT_MS, TIMEOUT_ROUND_TRIPS * roundTripMs));
    return new Promise((resolve) => {
      let stop = () => {};
      const start = (request: Request) => {
        const limits = { minMs, maxMs: MAX_TIMEOUT_FACTOR * minMs, jitter: JITTER };
        const timeouts = new Backoff(limits, () => this.#node.random());
        const receive = (acceptor: string, reply: Reply) => {
          const outcome = proposer.receive(acceptor, request, reply);
          if (outcome === undefined) return;
          stop();
          if (outcome === "lost") return resolve(undefined);
          if (outcome.type === "chosen") resolve(outcome.results);
          else start(outcome);
        };
        let isRepeated = false;
        let wasIdle = false;
        const retransmit = () => {
          // A round without changes may still end, which spares the next change a phase.
          const isIdle = proposer.pending.size === 0;
          if (proposer.hasRival || (isIdle && wasIdle)) {
            proposer.abandon();
            return resolve(undefined);
          }
          wasIdle = isIdle;
          for (const acceptor of proposer.unanswered) {
            this.#send(acceptor, request, receive, isRepeated);
          }
          isRepeated = true;
          stop = this.#node.after(timeouts.next(), retransmit);
        };
        stop = this.#node.after(timeouts.next(), retransmit);
        for (const acceptor of this.#node.nodes) this.#send(acceptor, request, receive);
      };
      start(proposer.begin(this.#acceptor.promised(this.#key)));
    });
  }

  /**
   * Sends a request to an acceptor: on the direct link, and through other nodes if `isRepeated` or if
   * too few links seem to work. Replies may arrive from both, or never.
   */
  #send(to: string, request: Request, receive: Receive, isRepeated = false): void {
    if (to === this.#node.id) {
      this.#acceptor.handle(this.#key, request).then((reply) => receive(to, reply));
      return;
    }
    const body = { ...request, key: this.#key };
    const replies = [this.#relay.direct(to, body)];
    if (isRepeated || (this.#relay.isSuspected(to) && !this.#relay.hasMajority)) {
      replies.push(this.#relay.around(to, body));
    }
    for (const reply of replies) this.#receiveFrom(to, reply, receive);
  }

  async #receiveFrom(acceptor: string, reply: Promise<Body>, receive: Receive): Promise<void> {
    try {
      const body = await reply;
      const problem = replySchema.problem(body, "reply");
      if (problem === undefined) receive(acceptor, body as unknown as Reply);
      else this.#node.log(`ignored a reply of ${acceptor}: ${problem}`);
    } catch (error) {
      // The request, or its reply, was lost. A retransmission follows, or another quorum replies.
      if (!(error instanceof RpcError)) throw error;
    }
  }
}

type Receive = (acceptor: string, reply: Reply) => void;
