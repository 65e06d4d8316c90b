#!/usr/bin/env -S deno run
/**
 * A key-value store whose keys are linearizable registers: `read`, `write`, `cas`.
 *
 * Strategy `proxy` passes each request to the service lin-kv and its answer back, with the
 * service's own errors. It is linearizable because the service is, and each operation takes effect
 * there, once, between request and reply: nothing is cached and nothing is sent twice. A partition
 * does not touch it, since services are never cut off. It costs two messages an operation and a
 * round trip.
 *
 * A client waits for max(1 s, 10 × latency), so a request is answered before that: if the service
 * has not answered in time, by a timeout (error 0). That is indefinite, as it must be: the change
 * may be on its way still. What it does not survive is the service.
 *
 * @module
 */
import {
  choice,
  ErrorCode,
  type Node,
  quantity,
  RpcError,
  schema,
  serve,
} from "../lib/node/mod.ts";
import type { Body } from "../lib/node/mod.ts";

const flags = {
  strategy: choice(["proxy"], "who keeps the registers"),
  patience: quantity(
    900,
    "milliseconds that the service may take at least: less than the second that Maelstrom's client " +
      "waits",
    { least: 1 },
  ),
};

/** A client waits for 10 latencies; 4 round trips are 8 of them, and the rest is for what else. */
const ROUND_TRIPS_OF_PATIENCE = 4;
/** Nobody waits longer than this for the service; by then every client has gone. */
const MOST_WAIT_MS = 60_000;

const { json } = schema;
const requests = {
  read: { key: json },
  write: { key: json, value: json },
  cas: { key: json, from: json, to: json },
};

/** Answers `read`, `write` and `cas`. */
export default function linKv(node: Node) {
  const { patience } = node.flags(flags);
  const service = new PatientService(node, "lin-kv", patience);
  for (const [type, fields] of Object.entries(requests)) {
    node.on(type, fields, async (_fields, { body: { msg_id: _, ...request } }) => {
      const { msg_id: __, in_reply_to: ___, ...reply } = await service.ask(request as Body);
      return reply as Body;
    });
  }
}

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

  /** Asks it. Throws what it answers by, or a timeout. */
  ask(request: Body): Promise<Body> {
    const sent = this.#node.now();
    // Waited for beyond the deadline as well: a late answer still tells how long answers take.
    const answer = this.#node.rpc(this.#id, request, { timeout: MOST_WAIT_MS })
      .finally(() => this.#learn(this.#node.now() - sent));
    const patience = this.#patience();
    return new Promise((resolve, reject) => {
      const cancel = this.#node.after(patience, () => {
        this.#node.log("sometimes: the service took too long");
        const text = `${this.#id} has not answered within ${Math.round(patience)} ms`;
        reject(new RpcError(ErrorCode.timeout, text));
      });
      answer.then(resolve, reject).finally(cancel);
    });
  }

  #patience(): number {
    const sorted = this.#roundTrips.toSorted((a, b) => a - b);
    const typical = sorted[sorted.length >> 1] ?? 0;
    return Math.max(this.#least, ROUND_TRIPS_OF_PATIENCE * typical);
  }

  /** The clock may have jumped meanwhile; then the median of several is still right. */
  #learn(roundTrip: number): void {
    if (roundTrip < 0 || roundTrip > MOST_WAIT_MS) return;
    this.#roundTrips.push(roundTrip);
    if (this.#roundTrips.length > 15) this.#roundTrips.shift();
  }
}

if (import.meta.main) await serve(linKv);
