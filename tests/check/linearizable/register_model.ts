/**
 * Generates histories of a correct register. Operations are concurrent; each has a linearization
 * point between its invocation and its completion; some crash before or after that point.
 *
 * @module
 */

import type { Random } from "../../../lib/base/mod.ts";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";

/** The size and the parameters of a history. */
export interface RegisterModelOptions {
  readonly operations: number;
  readonly clients: number;
  /** The number of values: 0..values−1. */
  readonly values: number;
  readonly crashChance: number;
}

interface Client {
  process: number;
  f: string;
  value: unknown;
  phase: "idle" | "invoked" | "linearized" | "failed";
  result: unknown;
}

/** Generates a history of a correct register. Equal random sources give equal histories. */
export function registerHistory(random: Random, options: RegisterModelOptions): Operation[] {
  return new RegisterModel(random, options).run();
}

class RegisterModel {
  readonly #random: Random;
  readonly #options: RegisterModelOptions;
  readonly #history: Operation[] = [];
  readonly #clients: Client[];
  #nextProcess: number;
  #state: number | null = null;

  constructor(random: Random, options: RegisterModelOptions) {
    this.#random = random;
    this.#options = options;
    this.#nextProcess = options.clients;
    this.#clients = Array.from(
      { length: options.clients },
      (_, process): Client => ({ process, f: "", value: null, phase: "idle", result: null }),
    );
  }

  run(): Operation[] {
    let left = this.#options.operations;
    while (left > 0 || this.#clients.some(({ phase }) => phase !== "idle")) {
      const client = this.#random.pick(this.#clients);
      if (client.phase === "idle") {
        if (left-- > 0) this.#invoke(client);
      } else if (client.phase === "invoked" && !this.#crashes()) this.#linearize(client);
      else this.#complete(client);
    }
    return this.#history;
  }

  #crashes(): boolean {
    return this.#random.chance(this.#options.crashChance);
  }

  #invoke(client: Client): void {
    const number = () => this.#random.integer(this.#options.values);
    client.f = this.#random.pick(["read", "read", "write", "cas"]);
    if (client.f === "read") client.value = null;
    else if (client.f === "write") client.value = number();
    else client.value = [this.#random.chance(0.7) ? this.#state : number(), number()];
    client.phase = "invoked";
    this.#record(client, "invoke", client.value);
  }

  #linearize(client: Client): void {
    client.phase = "linearized";
    client.result = client.value;
    if (client.f === "read") client.result = this.#state;
    else if (client.f === "write") this.#state = client.value as number;
    else {
      const [from, to] = client.value as [number | null, number];
      if (this.#state === from) this.#state = to;
      else client.phase = "failed";
    }
  }

  #complete(client: Client): void {
    const crashed = client.phase === "invoked" || this.#crashes();
    const type = crashed ? "info" : client.phase === "failed" ? "fail" : "ok";
    this.#record(client, type, type === "ok" ? client.result : client.value);
    if (type === "info") client.process = this.#nextProcess++;
    client.phase = "idle";
  }

  #record({ process, f }: Client, type: OperationType, value: unknown): void {
    const index = this.#history.length;
    this.#history.push({ index, time: index * 1e6, type, process, f, value });
  }
}
