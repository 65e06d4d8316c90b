import { assert, assertEquals, assertThrows } from "std/testing";
import { parseNodeFlags, schema, UsageError, withFlags } from "../../lib/node/mod.ts";
import {
  EntryLog,
  gossip,
  gossipFlags,
  gossipPolicy,
  overlayNeighbours,
} from "../../lib/replication/mod.ts";
import { FakeNode } from "../../lib/testing/mod.ts";
import { LATENCY_MS, Replicas, RETRY, type Sent } from "./replicas.ts";

const INTERVAL_MS = 500;
const ACK_DELAY_MS = INTERVAL_MS + 50;

/** Replicas that gossip, and have synced. */
function gossiping(count: number): Replicas {
  const nodes = Array.from({ length: count }, (_, index) => `n${index}`);
  const replicas = new Replicas(
    nodes,
    (id) => gossipPolicy(INTERVAL_MS, overlayNeighbours(id, nodes)),
  );
  replicas.run(5000);
  return replicas;
}

const times = (sent: readonly Sent[], from: string) =>
  sent.flatMap((message) => message.from === from ? [message.atMs - 5000] : []);

Deno.test("a change goes out immediately, and later ones share an update after the interval", () => {
  const replicas = gossiping(2);
  replicas.add("n0", "first");
  replicas.run(100);
  replicas.add("n0", "second");
  replicas.run(100);
  replicas.add("n0", "third");
  const sent = replicas.run(5000);
  assertEquals(times(sent, "n0"), [INTERVAL_MS]);
  assertEquals(replicas.valuesOf("n1"), replicas.valuesOf("n0"));
});

Deno.test("acknowledgements ride along where both nodes change, so a link carries 2/T messages", () => {
  const replicas = gossiping(2);
  for (let value = 0; value < 200; value++) {
    replicas.add(value % 2 === 0 ? "n0" : "n1", value);
    replicas.run(50);
  }
  const sent = replicas.sent.filter(({ atMs }) => atMs >= 5000 && atMs < 15_000);
  assertEquals(sent.length, 2 * 10_000 / INTERVAL_MS);
});

Deno.test("an update without an answer of its own is acknowledged after a delay", () => {
  const replicas = gossiping(2);
  replicas.add("n0", "value");
  const sent = replicas.run(60_000);
  assertEquals(times(sent, "n0"), [0]);
  assertEquals(times(sent, "n1"), [LATENCY_MS + ACK_DELAY_MS]);
});

Deno.test("updates in one direction are acknowledged once in three intervals", () => {
  const replicas = gossiping(2);
  for (let value = 0; value < 200; value++) {
    replicas.add("n0", value);
    replicas.run(50);
  }
  const acks = replicas.sent.filter(({ atMs, from }) => atMs >= 5000 && from === "n1");
  assertEquals(acks.length, 6, "in 20 intervals");
});

Deno.test("a change crosses two links, one of which its origin does not have", () => {
  const replicas = gossiping(3);
  const isCut = ({ from, to }: Sent) => `${from}${to}` === "n0n2" || `${from}${to}` === "n2n0";
  replicas.delayMs = (message) => isCut(message) ? Infinity : 0;
  replicas.add("n0", "value");
  replicas.run(2 * LATENCY_MS);
  assertEquals(replicas.valuesOf("n2"), ['"value"']);
});

Deno.test("a lost update is sent again after an acknowledgement delay and a round trip", () => {
  const replicas = gossiping(2);
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  replicas.run(1);
  replicas.delayMs = () => 0;
  const sent = replicas.run(5000);
  const roundTripMs = 2 * LATENCY_MS + RETRY.rtoMarginMs;
  assertEquals(times(sent, "n0"), [ACK_DELAY_MS + roundTripMs]);
});

Deno.test("a node takes interval and retries from its flags", async () => {
  const program = withFlags({ flags: gossipFlags }, (node, flags) => {
    const log = new EntryLog(node);
    const { changed } = gossip(node, log, flags);
    node.on("add", { element: schema.json }, ({ element }) => {
      log.add(element, node.monotonic());
      changed();
    });
  });
  const args = [
    "--interval",
    "300",
    "--rto-margin",
    "40",
    "--max-rto",
    "90",
    "--max-timeouts",
    "2",
  ];
  const node = new FakeNode(program, { nodes: ["n1", "n2"], args });
  const started = node.host.monotonic();
  const sentAt: number[] = [];
  for (let step = 0; step < 2000; step++) {
    if (step === 0) node.receive({ type: "add", element: 7 });
    await node.host.advance(1);
    for (const { body } of node.host.takeSent()) {
      if (body.delta !== undefined) sentAt.push(Math.round(node.host.monotonic() - started));
    }
  }
  // Again after the delay of an acknowledgement (350 ms), an unknown round trip (250 ms) and the margin.
  assertEquals(sentAt, [1, 640]);
  assert(node.host.reached.has("a peer was suspected"));
});

Deno.test("flags of times and numbers start at 1", () => {
  const parse = (name: string, value: string) => parseNodeFlags([`--${name}`, value], gossipFlags);
  for (const name of ["interval", "rto-margin", "max-rto", "max-timeouts"] as const) {
    assertEquals(parse(name, "1")[name], 1);
    assertThrows(() => parse(name, "0"), UsageError, `--${name} must be`);
  }
  assertThrows(() => parse("max-timeouts", "1.5"), UsageError, "--max-timeouts must be");
});

Deno.test("small clusters are full meshes, larger ones have Chord's fingers on both sides", () => {
  const neighbours = (count: number) =>
    overlayNeighbours("n0", Array.from({ length: count }, (_, index) => `n${index}`)).join(" ");
  assertEquals(neighbours(1), "");
  assertEquals(neighbours(5), "n1 n2 n3 n4");
  assertEquals(neighbours(6), "n1 n5 n2 n4");
  assertEquals(neighbours(7), "n1 n6 n2 n5");
  assertEquals(neighbours(8), "n1 n7 n2 n6 n4");
});

Deno.test("overlays are symmetric, connected and of logarithmic degree", () => {
  for (const count of [1, 2, 5, 6, 25, 100]) {
    const ids = Array.from({ length: count }, (_, index) => `n${index}`);
    const neighbours = new Map(ids.map((id) => [id, overlayNeighbours(id, ids)]));
    const reached = new Set(ids.slice(0, 1));
    for (const id of reached) neighbours.get(id)?.forEach((other) => reached.add(other));
    assertEquals(reached.size, count);
    for (const [id, others] of neighbours) {
      assert(!others.includes(id));
      for (const other of others) assert(neighbours.get(other)?.includes(id), `${id}–${other}`);
      assert(others.length <= Math.max(4, 2 * Math.ceil(Math.log2(count))), `${others.length}`);
    }
  }
});
