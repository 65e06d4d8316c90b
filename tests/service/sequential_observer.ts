/**
 * A naive second implementation of a sequentially consistent store, which follows the real one from
 * outside: it keeps all contents there ever were, and per client every place in their order that
 * the client may be at, given the replies it got.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import type { Body } from "../../lib/wire/mod.ts";

type Contents = ReadonlyMap<string, number>;

/** What a request does to the contents of a store. */
function naive(contents: Contents, request: Body): { after: Contents; reply: string } {
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

/** Follows a sequentially consistent key-value store whose keys are strings and values numbers. */
export class SequentialObserver {
  readonly #statesKept: number;
  readonly #order: Contents[] = [new Map()];
  readonly #places = new Map<string, ReadonlySet<number>>();

  /** `statesKept`: how many states the store keeps. */
  constructor(statesKept: number) {
    this.#statesKept = statesKept;
  }

  /** The index of the newest state. */
  get newest(): number {
    return this.#order.length - 1;
  }

  /** How far behind the newest state the client is, at most. */
  mostBehind(client: string): number {
    return this.newest - Math.min(...this.#placesOf(client));
  }

  /** Takes a request that was answered and, if `appended`, made a new state. Throws if it is illegal. */
  observe(client: string, request: Body, reply: string, appended: boolean): void {
    if (appended) {
      const { after, reply: expected } = naive(this.#order[this.newest] as Contents, request);
      assertEquals(reply, expected, "on the newest state");
      this.#order.push(after);
      this.#places.set(client, new Set([this.newest]));
      return;
    }
    const first = Math.max(
      Math.min(...this.#placesOf(client)),
      this.newest - this.#statesKept + 1,
    );
    const possible = new Set<number>();
    for (let place = first; place <= this.newest; place++) {
      const contents = this.#order[place] as Contents;
      const { after, reply: expected } = naive(contents, request);
      if (expected === reply && sameContents(after, contents)) possible.add(place);
    }
    assert(possible.size > 0, `${client} cannot get ${reply} to ${JSON.stringify(request)}`);
    this.#places.set(client, possible);
  }

  #placesOf(client: string): ReadonlySet<number> {
    return this.#places.get(client) ?? new Set([0]);
  }
}
