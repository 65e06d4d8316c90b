/**
 * A test oracle for sequentially consistent stores. It keeps all states in their total order. For
 * each client, it keeps the set of states that are consistent with the client's last reply.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Body } from "../../lib/wire/mod.ts";

type Contents = ReadonlyMap<string, number>;

/** Applies a request to the contents of a store. */
function applyNaively(contents: Contents, request: Body): { after: Contents; reply: string } {
  const key = String(request.key);
  const current = contents.get(key);
  const set = (value: number) => new Map(contents).set(key, value);
  if (request.type === "write") return { after: set(Number(request.value)), reply: "write_ok" };
  if (current === undefined && request.create_if_not_exists !== true) {
    return { after: contents, reply: "error 20" };
  }
  if (request.type === "read") return { after: contents, reply: `read_ok ${current}` };
  if (current !== undefined && current !== request.from) {
    return { after: contents, reply: "error 22" };
  }
  return { after: set(Number(request.to)), reply: "cas_ok" };
}

function sameContents(a: Contents, b: Contents): boolean {
  return a.size === b.size && [...a].every(([key, value]) => b.get(key) === value);
}

/** Checks the replies of a key-value store with string keys and number values. */
export class SequentialOracle {
  readonly #maxStates: number;
  readonly #order: Contents[] = [new Map()];
  readonly #candidates = new Map<string, ReadonlySet<number>>();

  /** Starts with one empty state; `maxStates` is the number of states that the store keeps. */
  constructor(maxStates: number) {
    this.#maxStates = maxStates;
  }

  /** The index of the newest state. */
  get newest(): number {
    return this.#order.length - 1;
  }

  /** Returns the maximum number of states by which the client can be behind the newest one. */
  maxLag(client: string): number {
    return this.newest - Math.min(...this.#candidatesOf(client));
  }

  /**
   * Records a request and its reply; `appended` means that the request appended a state.
   *
   * @throws {AssertionError} When the reply violates sequential consistency.
   */
  observe(client: string, request: Body, reply: string, appended: boolean): void {
    if (appended) {
      const { after, reply: expected } = applyNaively(
        this.#order[this.newest] as Contents,
        request,
      );
      assertEquals(reply, expected, "on the newest state");
      this.#order.push(after);
      this.#candidates.set(client, new Set([this.newest]));
      return;
    }
    const first = Math.max(
      Math.min(...this.#candidatesOf(client)),
      this.newest - this.#maxStates + 1,
    );
    const possible = new Set<number>();
    for (let index = first; index <= this.newest; index++) {
      const contents = this.#order[index] as Contents;
      const { after, reply: expected } = applyNaively(contents, request);
      if (expected === reply && sameContents(after, contents)) possible.add(index);
    }
    assert(
      possible.size > 0,
      `no state explains the reply ${reply} to ${JSON.stringify(request)} of ${client}`,
    );
    this.#candidates.set(client, possible);
  }

  #candidatesOf(client: string): ReadonlySet<number> {
    return this.#candidates.get(client) ?? new Set([0]);
  }
}
