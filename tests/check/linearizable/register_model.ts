/**
 * Makes histories of a correct register: clients' requests overlap, each takes effect at one moment
 * between its invocation and its completion, some crash before or after that moment.
 *
 * @module
 */

import type { Random } from "../../../lib/base/mod.ts";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";

/** How much history. */
export interface RegisterModelOptions {
  readonly operations: number;
  readonly clients: number;
  /** Values are 0..values−1. */
  readonly values: number;
  readonly crashChance: number;
}

interface Client {
  process: number;
  f: string;
  value: unknown;
  stage: "idle" | "invoked" | "effective" | "refused";
  result: unknown;
}

/** A history of a correct register. The same random source makes the same history. */
export function registerHistory(random: Random, options: RegisterModelOptions): Operation[] {
  return new RegisterModel(random, options).run();
}

class RegisterModel {
  readonly #random: Random;
  readonly #options: RegisterModelOptions;
  readonly #history: Operation[] = [];
  readonly #clients: Client[];
  #nextProcess: number;
  #held: number | null = null;

  constructor(random: Random, options: RegisterModelOptions) {
    this.#random = random;
    this.#options = options;
    this.#nextProcess = options.clients;
    this.#clients = Array.from(
      { length: options.clients },
      (_, process): Client => ({ process, f: "", value: null, stage: "idle", result: null }),
    );
  }

  run(): Operation[] {
    let left = this.#options.operations;
    while (left > 0 || this.#clients.some(({ stage }) => stage !== "idle")) {
      const client = this.#random.pick(this.#clients);
      if (client.stage === "idle") {
        if (left-- > 0) this.#invoke(client);
      } else if (client.stage === "invoked" && !this.#crashes()) this.#takeEffect(client);
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
    else client.value = [this.#random.chance(0.7) ? this.#held : number(), number()];
    client.stage = "invoked";
    this.#record(client, "invoke", client.value);
  }

  #takeEffect(client: Client): void {
    client.stage = "effective";
    client.result = client.value;
    if (client.f === "read") client.result = this.#held;
    else if (client.f === "write") this.#held = client.value as number;
    else {
      const [from, to] = client.value as [number | null, number];
      if (this.#held === from) this.#held = to;
      else client.stage = "refused";
    }
  }

  #complete(client: Client): void {
    const crashed = client.stage === "invoked" || this.#crashes();
    const type = crashed ? "info" : client.stage === "refused" ? "fail" : "ok";
    this.#record(client, type, type === "ok" ? client.result : client.value);
    if (type === "info") client.process = this.#nextProcess++;
    client.stage = "idle";
  }

  #record({ process, f }: Client, type: OperationType, value: unknown): void {
    const index = this.#history.length;
    this.#history.push({ index, time: index * 1e6, type, process, f, value });
  }
}
