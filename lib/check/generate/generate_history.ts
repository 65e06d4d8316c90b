/**
 * Generates histories of a correct system, for tests and benchmarks of checkers.
 *
 * A reference model performs operations one at a time. Each operation has a linearization point
 * between its invocation and its completion, while others are concurrent. The history is therefore
 * linearizable by construction.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { History, Operation } from "../../history/mod.ts";

/** A client's request: the function and the argument of an operation. */
export interface Request {
  /** The function, such as `read`. */
  readonly f: string;
  /** The argument; null without one. */
  readonly value: unknown;
}

/** A correct system, performed sequentially, with a generator of requests to it. */
export interface ReferenceModel {
  /** Generates a client's next request. */
  request(random: Random): Request;
  /** Performs a request and returns the value of its ok completion, or {@link DEFINITE_FAILURE}. */
  perform(request: Request, process: number): unknown;
  /** The final request of each process, after all other operations have completed. */
  readonly final?: Request;
}

/** The result of a request that fails definitely, such as a compare-and-set that does not match. */
export const DEFINITE_FAILURE: unique symbol = Symbol("definite failure");

/** The size and the parameters of a history. */
export interface GenerateOptions {
  /** The number of requests before the final ones. */
  readonly operations: number;
  /** The number of concurrent clients. */
  readonly processes: number;
  /**
   * The probability of an `info` completion, drawn before and again after the request is performed.
   */
  readonly infoChance?: number;
  /** The probability of a `fail` completion of a request that is not performed. Default: 0. */
  readonly failChance?: number;
}

/** A client and its pending request. */
interface Client {
  process: number;
  request: Request | undefined;
  /** The result, once the request is performed. */
  result: unknown;
  performed: boolean;
}

const MEAN_INTERVAL_NS = 1_000_000;

/**
 * Generates a history of the model. Equal random sources give equal histories.
 *
 * @example
 * ```ts
 * import { deepEqual } from "node:assert/strict";
 * import { checkSetFull } from "@gossip/workbench/check";
 * import { generateHistory, Random, setModel } from "@gossip/workbench/testing";
 *
 * const size = { operations: 100, processes: 5, infoChance: 0.01 };
 * const history = generateHistory(new Random(1), setModel(), size);
 * deepEqual(checkSetFull(history)["valid?"], true);
 * ```
 */
export function generateHistory(
  random: Random,
  model: ReferenceModel,
  options: GenerateOptions,
): History {
  return new HistoryGenerator(random, model, options).run();
}

class HistoryGenerator {
  readonly #random: Random;
  readonly #model: ReferenceModel;
  readonly #options: GenerateOptions;
  readonly #history: Operation[] = [];
  readonly #clients: Client[];
  #time = 0;
  #nextProcess: number;
  #remaining: number;

  constructor(random: Random, model: ReferenceModel, options: GenerateOptions) {
    this.#random = random;
    this.#model = model;
    this.#options = options;
    this.#remaining = options.operations;
    this.#nextProcess = options.processes;
    this.#clients = Array.from({ length: options.processes }, (_, process) => idle(process));
  }

  run(): History {
    let busy = 0;
    while (this.#remaining > 0 || busy > 0) {
      const client = this.#random.pick(this.#clients);
      if (client.request === undefined) {
        if (this.#remaining === 0) continue;
        this.#remaining--;
        busy++;
        this.#invoke(client, this.#model.request(this.#random));
      } else if (client.performed) {
        busy--;
        this.#complete(
          client,
          this.#isIndeterminate() ? "info" : client.result === DEFINITE_FAILURE ? "fail" : "ok",
        );
      } else if (this.#isIndeterminate()) {
        busy--;
        this.#complete(client, "info");
      } else if (this.#random.chance(this.#options.failChance ?? 0)) {
        busy--;
        this.#complete(client, "fail");
      } else {
        client.result = this.#model.perform(client.request, client.process);
        client.performed = true;
      }
    }
    this.#finish();
    return this.#history;
  }

  #invoke(client: Client, request: Request, final = false): void {
    client.request = request;
    this.#record(client, "invoke", request.value, final);
  }

  #isIndeterminate(): boolean {
    return this.#random.chance(this.#options.infoChance ?? 0);
  }

  #complete(client: Client, type: "ok" | "fail" | "info"): void {
    this.#record(client, type, type === "ok" ? client.result : client.request?.value ?? null);
    const process = type === "info" ? this.#nextProcess++ : client.process;
    Object.assign(client, idle(process));
  }

  #finish(): void {
    const { final } = this.#model;
    if (final === undefined) return;
    for (const client of this.#clients) {
      this.#invoke(client, final, true);
      this.#record(client, "ok", this.#model.perform(final, client.process), true);
    }
  }

  #record(client: Client, type: Operation["type"], value: unknown, final = false): void {
    this.#time += 1 + this.#random.integer(2 * MEAN_INTERVAL_NS);
    this.#history.push({
      index: this.#history.length,
      time: this.#time,
      type,
      process: client.process,
      f: client.request?.f ?? "",
      value,
      ...(final ? { final } : {}),
    });
  }
}

function idle(process: number): Client {
  return { process, request: undefined, result: undefined, performed: false };
}
