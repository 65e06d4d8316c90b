/**
 * What a hub of strategy `hub` does when single messages arrive at given times.
 *
 * @module
 */

import { assertEquals, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import type { Json } from "../../../lib/node/mod.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";
import broadcast from "../../../nodes/broadcast.ts";

const INTERVAL_MS = 380;
/** How long a flush may wait for leaves that are late. */
const MAX_DELAY_MS = 40;

/** The hub n1, whose leaves n2 and n3 are the test. */
class Hub {
  readonly #node = new FakeNode(broadcast, { id: "n1" });
  #now = 0;

  receive(leaf: string, type: string, more: Record<string, Json>): void {
    const you = this.#node.node.incarnation;
    this.#node.receive({ type, me: `of ${leaf}`, you, ack: 0, held: 0, ...more }, leaf);
  }

  /** Delivers a leaf's first value, which has waited there for `waitedMs`. */
  receiveValue(leaf: string, value: Json, waitedMs: number): void {
    const delta = [[`${leaf}.of ${leaf}`, 0, value]];
    this.receive(leaf, "update", { from: 0, to: 1, delta, hint: waitedMs });
  }

  /** Lets time pass, then adds a value. */
  async addAt(atMs: number): Promise<void> {
    await this.runTo(atMs);
    await this.#node.ask({ type: "broadcast", message: `at ${atMs}` });
  }

  async runTo(atMs: number): Promise<void> {
    await this.#node.host.advance(atMs - this.#now);
    this.#now = atMs;
  }

  /** Returns the types of the messages to a leaf since the last call. */
  sentTo(leaf: string): string[] {
    return this.#node.host.takeSent().flatMap(({ dest, body }) => dest === leaf ? body.type : []);
  }
}

Deno.test("hub: a flush that is late by less than half an interval leaves the next ones as they are", async () => {
  for (
    const [secondMs, thirdMs] of [
      [INTERVAL_MS + 150, 2 * INTERVAL_MS],
      [INTERVAL_MS + 189, 2 * INTERVAL_MS],
      [INTERVAL_MS + 190, 2 * INTERVAL_MS + 190],
    ] as const
  ) {
    const hub = new Hub();
    await hub.addAt(0);
    await hub.addAt(secondMs);
    assertEquals(hub.sentTo("n3"), ["update", "update"], "both without a wait");
    await hub.addAt(secondMs + 10);
    await hub.runTo(thirdMs - 1);
    assertEquals(hub.sentTo("n3"), [], `before ${thirdMs}`);
    await hub.runTo(thirdMs);
    assertEquals(hub.sentTo("n3"), ["update"], `at ${thirdMs}`);
  }
});

Deno.test("hub: a value that has waited for an interval at its leaf forces an early flush", async () => {
  for (
    const [waitedMs, flushMs] of [[1000, 0], [INTERVAL_MS, 0], [INTERVAL_MS - 50, 50]] as const
  ) {
    const hub = new Hub();
    await hub.addAt(0);
    await hub.runTo(100);
    hub.sentTo("n3");
    hub.receiveValue("n2", 7, waitedMs);
    await hub.runTo(100 + MAX_DELAY_MS + flushMs - 1);
    assertEquals(hub.sentTo("n3"), [], `${waitedMs} ms, before the flush`);
    await hub.runTo(100 + MAX_DELAY_MS + flushMs);
    assertEquals(hub.sentTo("n3"), ["update"], `${waitedMs} ms, at the flush`);
  }
});

Deno.test("hub: a leaf that leaves gets no more updates, unless it has sent a sync since", async () => {
  const syncMs = 500;
  for (
    const [leaveMs, hasLeft] of [[syncMs - 1, false], [syncMs, true], [syncMs + 1, true]] as const
  ) {
    const hub = new Hub();
    await hub.runTo(syncMs);
    hub.receive("n2", "sync", { summary: {}, at: 0, time: syncMs });
    assertEquals(hub.sentTo("n2"), ["sync"]);
    hub.receive("n2", "leave", { time: leaveMs });
    await hub.addAt(syncMs + 10);
    assertEquals(hub.sentTo("n2"), hasLeft ? [] : ["update"], `left at ${leaveMs}`);
  }
});

Deno.test("broadcast: a tree of nodes without children and a node without links are rejected", () => {
  for (const flag of ["--fanout", "--degree", "--interval"]) {
    assertThrows(() => new FakeNode(broadcast, { args: [flag, "0"] }), UsageError, `${flag} must`);
    new FakeNode(broadcast, { args: [flag, "1"] });
  }
});
