/**
 * Makes histories of a system that does everything right: material for tests and benchmarks of
 * checkers.
 *
 * A model performs operations one at a time. Each happens at some moment between its invocation and
 * its completion, while others overlap with it, so the history is linearizable by construction.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { History, Operation } from "../../history/mod.ts";

/** What a client asks of a system. */
export interface Request {
  readonly f: string;
  readonly value: unknown;
}

/** A system, and what its clients ask of it. */
export interface ReferenceModel {
  /** The next request of a client. */
  request(random: Random): Request;
  /**
   * Performs a client's request and returns its ok completion's value, or {@link DEFINITE_FAILURE}.
   */
  perform(request: Request, process: number): unknown;
  /** What each process asks in the end, when all else has completed. */
  readonly final?: Request;
}

/**
 * What a model returns for a request that it refuses, such as a compare-and-set that does not
 * apply.
 */
export const DEFINITE_FAILURE: unique symbol = Symbol("refused");

/** How much history to make. */
export interface GenerateOptions {
  /** How many requests are made before the final ones. */
  readonly operations: number;
  /** How many clients there are at a time. */
  readonly processes: number;
  /**
   * The chance, once before and once after it is performed, that a client never hears of a request.
   */
  readonly infoChance?: number;
  /** The chance that a request is refused (0 when not given). */
  readonly failChance?: number;
}

/** A client with a request under way. */
interface Client {
  process: number;
  request: Request | undefined;
  /** Its result, once it has been performed. */
  result: unknown;
  performed: boolean;
}

const MEAN_INTERVAL_NS = 1_000_000;

/** A history of the model. The same random source makes the same history. */
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
          this.#unknown() ? "info" : client.result === DEFINITE_FAILURE ? "fail" : "ok",
        );
      } else if (this.#unknown()) {
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

  #unknown(): boolean {
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
