/**
 * Generates histories of correct logs: concurrent clients send to and poll a few keys. Some
 * requests fail and some are indeterminate. At the end, a new client polls all entries.
 *
 * @module
 */

import type { Random } from "../../../lib/base/mod.ts";
import type { Operation, OperationType } from "../../../lib/history/mod.ts";

/** The size of a history, and the maximum gap between offsets. */
export interface LogModelOptions {
  readonly operations: number;
  readonly clients: number;
  readonly keys: number;
  readonly maxGap: number;
}

interface Client {
  process: number;
  request: { f: "send" | "poll" | "assign"; value: unknown } | undefined;
  performed: boolean;
  result: unknown;
  /** The index of the next entry to poll, for each assigned key. */
  positions: Map<string, number>;
}

type Entry = [offset: number, message: number];

/** Generates a history of correct logs. Equal random sources give equal histories. */
export function logHistory(random: Random, options: LogModelOptions): Operation[] {
  return new LogModel(random, options).run();
}

class LogModel {
  readonly #random: Random;
  readonly #options: LogModelOptions;
  readonly #history: Operation[] = [];
  readonly #logs: Map<string, Entry[]>;
  #nextMessage = 1;
  #nextProcess = 0;

  constructor(random: Random, options: LogModelOptions) {
    this.#random = random;
    this.#options = options;
    this.#logs = new Map(Array.from({ length: options.keys }, (_, key) => [String(key), []]));
  }

  run(): Operation[] {
    const clients = Array.from({ length: this.#options.clients }, () => this.#client());
    let left = this.#options.operations;
    while (left > 0 || clients.some(({ request }) => request !== undefined)) {
      const client = this.#random.pick(clients);
      if (client.request === undefined) {
        if (left-- > 0) this.#invoke(client);
      } else if (!client.performed && !this.#random.chance(0.04)) this.#perform(client);
      else this.#complete(client);
    }
    this.#pollEverything();
    return this.#history;
  }

  #client(): Client {
    const process = this.#nextProcess++;
    return {
      process,
      request: undefined,
      performed: false,
      result: undefined,
      positions: new Map(),
    };
  }

  #invoke(client: Client): void {
    const kind = this.#random.integer(9);
    const key = this.#random.pick([...this.#logs.keys()]);
    if (kind === 0) client.request = { f: "assign", value: [key] };
    else if (kind < 5) client.request = { f: "poll", value: [["poll"]] };
    else client.request = { f: "send", value: [["send", key, this.#nextMessage++]] };
    client.performed = false;
    this.#record(client, "invoke", client.request.value);
  }

  #perform(client: Client): void {
    client.performed = true;
    const { f, value } = client.request as { f: string; value: unknown };
    if (f === "assign") this.#assign(client, value as string[]);
    else if (f === "poll") client.result = [["poll", this.#poll(client)]];
    else {
      const [[, key, message]] = value as [["send", string, number]];
      const log = this.#logs.get(key) as Entry[];
      const offset = (log.at(-1)?.[0] ?? -1) + 1 + this.#random.integer(this.#options.maxGap);
      log.push([offset, message]);
      client.result = [["send", key, [offset, message]]];
    }
  }

  #assign(client: Client, keys: readonly string[]): void {
    client.positions = new Map(keys.map((key) => [key, client.positions.get(key) ?? 0]));
    client.result = keys;
  }

  #poll(client: Client): Record<string, Entry[]> {
    const polled: Record<string, Entry[]> = {};
    for (const [key, position] of client.positions) {
      const entries = (this.#logs.get(key) as Entry[]).slice(position, position + 3);
      if (entries.length === 0) continue;
      polled[key] = entries;
      client.positions.set(key, position + entries.length);
    }
    return polled;
  }

  #complete(client: Client): void {
    const { f, value } = client.request as { f: string; value: unknown };
    const isLost = f !== "assign" && this.#random.chance(0.1);
    const type: OperationType = !client.performed ? "fail" : isLost ? "info" : "ok";
    this.#record(client, type, type === "ok" ? client.result : value);
    client.request = undefined;
    if (type === "info") Object.assign(client, this.#client());
  }

  #pollEverything(): void {
    const client = this.#client();
    this.#step(client, "assign", [...this.#logs.keys()]);
    const maxLength = Math.max(...[...this.#logs.values()].map(({ length }) => length));
    for (let polled = 0; polled <= maxLength; polled += 3) {
      this.#step(client, "poll", [["poll"]]);
    }
  }

  #step(client: Client, f: "assign" | "poll", value: unknown): void {
    client.request = { f, value };
    this.#record(client, "invoke", value);
    this.#perform(client);
    this.#record(client, "ok", client.result);
  }

  #record({ process, request }: Client, type: OperationType, value: unknown): void {
    const index = this.#history.length;
    this.#history.push({ index, time: index * 1e6, type, process, f: request?.f ?? "", value });
  }
}
