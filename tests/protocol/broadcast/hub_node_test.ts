/**
 * What a hub and a leaf of strategy `hub` do when single messages arrive at given times.
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
    this.#node.receive({ type, me: `of ${leaf}`, you, ack: 0, time: 0, ...more }, leaf);
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

Deno.test("hub: a flush waits for 10 ms of quiet after a value, and not after an acknowledgement", async () => {
  for (const [isValue, flushMs] of [[true, INTERVAL_MS + 5], [false, INTERVAL_MS]] as const) {
    const hub = new Hub();
    await hub.addAt(0);
    await hub.addAt(100);
    hub.sentTo("n3");
    await hub.runTo(INTERVAL_MS - 5);
    if (isValue) hub.receiveValue("n2", 7, 0);
    else hub.receive("n2", "update", { from: 0, to: 0 });
    await hub.runTo(flushMs - 1);
    assertEquals(hub.sentTo("n3"), [], `before ${flushMs}`);
    await hub.runTo(flushMs);
    assertEquals(hub.sentTo("n3"), ["update"], `at ${flushMs}`);
  }
});

/** A leaf whose peers are the test. */
class Leaf {
  readonly #node: FakeNode;
  /** The clock of the leaf's last update. */
  #sentMs = 0;

  constructor(id: string, nodes: readonly string[], args: readonly string[] = []) {
    this.#node = new FakeNode(broadcast, { id, nodes, args });
  }

  /** Delivers an update. */
  update(peer: string, more: { readonly [field: string]: Json }): void {
    const you = this.#node.node.incarnation;
    this.#node.receive({ type: "update", me: `of ${peer}`, you, ack: 0, time: 0, ...more }, peer);
  }

  /** Delivers a reply to the leaf's last update, which acknowledges its first `ack` values. */
  acknowledge(peer: string, ack: number, hint?: number): void {
    const echo = this.#sentMs;
    this.update(peer, { ack, echo, from: 0, to: 0, ...(hint === undefined ? {} : { hint }) });
  }

  receive(peer: string, body: { type: string; [field: string]: Json }): void {
    this.#node.receive(body, peer);
  }

  get incarnation(): string {
    return this.#node.node.incarnation;
  }

  async add(message: Json): Promise<void> {
    await this.#node.ask({ type: "broadcast", message });
  }

  /**
   * Lets time pass; returns after how many milliseconds which messages were sent between nodes, as
   * `type receiver`.
   */
  async sentWithin(durationMs: number): Promise<[atMs: number, message: string][]> {
    const sent: [number, string][] = [];
    for (let elapsedMs = 0; elapsedMs <= durationMs; elapsedMs += 5) {
      for (const { dest, body } of this.#node.host.takeSent()) {
        if (!dest.startsWith("n")) continue;
        sent.push([elapsedMs, `${body.type} ${dest}`]);
        if (body.type === "update") this.#sentMs = body.time as number;
      }
      await this.#node.host.advance(5);
    }
    return sent;
  }
}

Deno.test("hub: a leaf sends a round trip and a margin before the flush, whatever slow samples it has", async () => {
  const leaf = new Leaf("n2", ["n1", "n2", "n3"]);
  for (const [value, roundTripMs] of [100, 100, 100, 400, 100].entries()) {
    await leaf.add(value);
    await leaf.sentWithin(roundTripMs - 5);
    leaf.acknowledge("n1", value + 1);
  }
  leaf.update("n1", { ack: 5, from: 0, to: 0, hint: 300 });
  await leaf.add("in time");
  assertEquals(await leaf.sentWithin(300), [[300 - 100 - 30, "update n1"]]);
});

Deno.test("hub: a leaf acknowledges after 1.5 intervals of quiet, and within 3 intervals, or 2 s", async () => {
  for (
    const [intervalMs, gapMs, expectedMs] of [
      [1000, 2000, 1500],
      [1000, 1400, 3000],
      [100, 120, 2000],
    ] as const
  ) {
    const leaf = new Leaf("n2", ["n1", "n2"], ["--interval", `${intervalMs}`]);
    let ackedMs: number | undefined;
    for (let sequence = 0; ackedMs === undefined; sequence++) {
      const delta = [["n1.of n1", sequence, sequence]];
      leaf.update("n1", { from: sequence, to: sequence + 1, delta });
      const [acked] = await leaf.sentWithin(gapMs - 5);
      if (acked !== undefined) ackedMs = sequence * gapMs + acked[0];
    }
    assertEquals(ackedMs, expectedMs, `interval ${intervalMs}, an update each ${gapMs} ms`);
  }
});

Deno.test("hub: a leaf sends immediately after an acknowledgement that names no flush", async () => {
  const leaf = new Leaf("n2", ["n1", "n2", "n3"]);
  for (let value = 0; value < 3; value++) {
    await leaf.add(value);
    assertEquals(await leaf.sentWithin(95), [[0, "update n1"]]);
    leaf.acknowledge("n1", value + 1);
  }
});

Deno.test("hub: a leave changes nothing if it is a duplicate, or from a lower node", async () => {
  const leaf = new Leaf("n2", ["n1", "n2", "n3"]);
  for (const peer of ["n3", "n3", "n1"]) {
    leaf.receive(peer, { type: "leave", me: `of ${peer}`, time: 1 });
  }
  await leaf.add(1);
  assertEquals(await leaf.sentWithin(95), [[0, "update n1"]]);
});

/** Has a leaf lose its hub n1; returns the gaps between its requests to n2, and who it informs. */
async function seekGaps(leaf: Leaf): Promise<[gapsMs: number[], informed: string[]]> {
  const sent = await leaf.sentWithin(40_000);
  const times = sent.flatMap(([at, text]) => text === "seek n2" ? at : []);
  const gaps = times.slice(1).map((at, index) => at - (times[index] as number));
  return [gaps, sent.flatMap(([, text]) => text.startsWith("here") ? text : [])];
}

Deno.test("hub: a leaf without a hub asks lower nodes with back-off, and informs higher ones once", async () => {
  const leaf = new Leaf("n3", ["n1", "n2", "n3", "n4"]);
  await leaf.add(1);
  const expected = [[1000, 2000, 4000, 8000, 8000, 8000], ["here n4"]];
  assertEquals(await seekGaps(leaf), expected);
  // n1 is back, replies to the sync that its message causes, and is lost again.
  leaf.receive("n1", { type: "update", me: "of n1", ack: 0, time: 0, from: 0, to: 0 });
  await leaf.sentWithin(10);
  const sync = { type: "sync", me: "of n1", ack: 0, time: 0, summary: {}, at: 0 };
  const you = leaf.incarnation;
  leaf.receive("n1", { ...sync, you, time: 1, echo: 40_000, answers: 100_000 });
  await leaf.add(2);
  assertEquals(await seekGaps(leaf), expected);
});

Deno.test("hub: a leaf of a stand-in syncs with all others in turn, although it suspects none", async () => {
  for (const hub of ["n1", "n2"]) {
    const leaf = new Leaf("n4", ["n1", "n2", "n3", "n4"]);
    await leaf.add(1);
    if (hub === "n2") {
      await leaf.sentWithin(5000);
      leaf.receive("n2", { type: "here" });
    }
    const you = leaf.incarnation;
    const sync = { type: "sync", me: `of ${hub}`, you, ack: 1, time: 1, summary: {}, at: 0 };
    leaf.receive(hub, { ...sync, answers: 100_000 });
    await leaf.sentWithin(10);
    const sent = await leaf.sentWithin(20_000);
    const asked = new Set(sent.flatMap(([, text]) => text.startsWith("sync") ? text : []));
    assertEquals(asked, new Set(hub === "n1" ? [] : ["sync n1", "sync n2", "sync n3"]));
  }
});

Deno.test("broadcast: a tree of nodes without children and a node without links are rejected", () => {
  for (const flag of ["--fanout", "--degree", "--interval"]) {
    for (const value of flag === "--interval" ? ["0"] : ["0", "1.5"]) {
      const args = [flag, value];
      assertThrows(() => new FakeNode(broadcast, { args }), UsageError, `${flag} must`);
    }
    new FakeNode(broadcast, { args: [flag, "1"] });
  }
});
