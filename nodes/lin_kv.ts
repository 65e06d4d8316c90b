#!/usr/bin/env -S deno run
/**
 * A key-value store whose keys are linearizable registers: `read`, `write`, `cas`.
 *
 * Strategy `proxy` passes each request to the service lin-kv and its answer back, with the
 * service's own errors. It is linearizable because the service is, and each operation takes effect
 * there, once, between request and reply: nothing is cached and nothing is sent twice. A partition
 * does not touch it, since services are never cut off. It costs two messages an operation and a
 * round trip; and once two messages a node, to learn at the start how long a round trip takes.
 *
 * A client waits for max(1 s, 10 × latency). The node does not know the latency, but round trips: it
 * waits for 4 usual ones, or longer where they differ a lot, and then answers by a timeout (error
 * 0). That is indefinite, as it must be: the change may be on its way still. As a rule the client
 * hears it before it goes, but where latencies are random it may not. What the node does not survive
 * is the loss of the service.
 *
 * @module
 */
import {
  type Body,
  contract,
  ErrorCode,
  flag,
  type Node,
  REQUEST_DEADLINE_MS,
  RpcError,
  serve,
  withFlags,
} from "../lib/node/mod.ts";

const flags = {
  strategy: flag.oneOf(["proxy"], { help: "proxy", default: "proxy" }),
  "min-timeout": flag.number({
    placeholder: "MS",
    help: "wait for the service at least",
    default: 900,
    min: 1,
    max: REQUEST_DEADLINE_MS,
  }),
};

/** A client waits for 10 latencies; 4 round trips are 8 of them, and the rest is for what else. */
const ROUND_TRIPS_OF_PATIENCE = 4;
/**
 * Where round trips differ a lot, so much longer than the longest of late one may take, up to so many
 * usual ones: with exponential latencies the usual one is a sixth below the mean.
 */
const LONGEST_OF_PATIENCE = 1.5;
const MOST_ROUND_TRIPS_OF_PATIENCE = 5;
/** So many round trips are remembered. */
const REMEMBERED = 31;
/** What is read to learn how long a round trip takes: whether anybody uses it does not matter. */
const PROBE = { type: "read", key: "how long does this take?" };
/** Nobody waits longer than this for the service; by then every client has gone. */
const MOST_WAIT_MS = 60_000;

/** Answers `read`, `write` and `cas`. */
const linKv = withFlags({ flags }, (node, flags) => {
  const service = new PatientService(node, "lin-kv", flags["min-timeout"]);
  service.probe();
  for (const endpoint of Object.values(contract.linKv)) {
    node.on(
      endpoint.type,
      endpoint.request,
      async (_fields, { body: { msg_id: _, ...request } }) => {
        const { msg_id: __, in_reply_to: ___, ...reply } = await service.ask(request as Body);
        return reply as Body;
      },
    );
  }
});

export default linKv;

/** A service that is waited for as long as it usually takes, several times over. */
class PatientService {
  readonly #node: Node;
  readonly #id: string;
  readonly #least: number;
  readonly #roundTrips: number[] = [];

  /** It is waited for `least` milliseconds at least. */
  constructor(node: Node, id: string, least: number) {
    this.#node = node;
    this.#id = id;
    this.#least = least;
  }

  /** Learns how long it takes, without being waited for. */
  probe(): void {
    this.#askTimed(PROBE).catch(() => {
      // An error is an answer, too, and who does not answer now may do so later.
    });
  }

  /** Asks it. Throws what it answers by, or a timeout. */
  ask(request: Body): Promise<Body> {
    const answer = this.#askTimed(request);
    return new Promise((resolve, reject) => {
      let cancel = () => {};
      const waitOn = (waited: number) => {
        // By now more may be known of round trips than when the request came.
        const left = this.#patience() - waited;
        if (left > 0) {
          const pause = Math.min(left, this.#least);
          cancel = this.#node.after(pause, () => waitOn(waited + pause));
          return;
        }
        this.#node.sometimes("the service took too long");
        const text = `${this.#id} has not answered within ${Math.round(waited)} ms`;
        reject(new RpcError(ErrorCode.timeout, text));
      };
      waitOn(0);
      answer.then(resolve, reject).finally(() => cancel());
    });
  }

  #askTimed(request: Body): Promise<Body> {
    const sent = this.#node.monotonic();
    // Waited for beyond the deadline as well: a late answer still tells how long answers take.
    return this.#node.rpc(this.#id, request, { timeoutMs: MOST_WAIT_MS })
      .finally(() => this.#learn(this.#node.monotonic() - sent));
  }

  #patience(): number {
    // Not even the first answer is there: round trips are long, and clients wait as long as they may.
    if (this.#roundTrips.length === 0) return REQUEST_DEADLINE_MS;
    const sorted = this.#roundTrips.toSorted((a, b) => a - b);
    const typical = sorted[sorted.length >> 1] ?? 0;
    const longest = sorted.at(-1) ?? 0;
    const bounded = Math.min(LONGEST_OF_PATIENCE * longest, MOST_ROUND_TRIPS_OF_PATIENCE * typical);
    return Math.max(this.#least, ROUND_TRIPS_OF_PATIENCE * typical, bounded);
  }

  #learn(roundTrip: number): void {
    this.#roundTrips.push(roundTrip);
    if (this.#roundTrips.length > REMEMBERED) this.#roundTrips.shift();
  }
}

if (import.meta.main) await serve(linKv);
