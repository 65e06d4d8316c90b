import { assert, assertEquals } from "std/testing";
import { type ProbedPeer, Prober } from "../../lib/replication/prober.ts";

const PEERS = ["n1", "n2", "n3", "n4"];

/** A prober whose sessions a test changes. */
function newProber(suspects: readonly string[], unreachable: Record<string, number> = {}) {
  const sessions = new Map<string, ProbedPeer>();
  for (const peer of PEERS) {
    const isSuspected = suspects.includes(peer);
    sessions.set(peer, { peer, isSuspected, unreachableMs: unreachable[peer] ?? -Infinity });
  }
  return new Prober(PEERS, sessions, () => 0.5);
}

/**
 * Polls a prober at every deadline for a time; returns the times and peers of probes and relays, and
 * the pairs of relay and suspect.
 */
function poll(prober: Prober, durationMs: number, isPartitioned = false) {
  const probes: [number, string][] = [];
  const relays: [number, string][] = [];
  const pairs: string[] = [];
  prober.poll(isPartitioned, 0);
  while (prober.deadlineMs <= durationMs) {
    const now = prober.deadlineMs;
    const { probed, relay, suspect } = prober.poll(isPartitioned, now);
    if (probed !== undefined) probes.push([now, probed]);
    if (relay === undefined) continue;
    relays.push([now, relay]);
    pairs.push(`${relay} ${suspect}`);
  }
  return { probes, relays, pairs };
}

Deno.test("suspects are probed in turn, at least once every 800 ms", () => {
  const prober = newProber(["n1", "n2"]);
  prober.suspect(0);
  const { probes } = poll(prober, 20_000);
  const gaps = probes.map(([at], index) => at - (probes[index - 1]?.[0] ?? 0));
  assert(gaps.every((gap) => gap >= 150 && gap <= 800), `${gaps}`);
  assertEquals(probes.slice(0, 4).map(([, peer]) => peer), ["n1", "n2", "n1", "n2"]);
});

Deno.test("relays are the other peers in turn, after 2 s and then every 4 s", () => {
  const prober = newProber(["n1", "n2"]);
  prober.suspect(0);
  const { relays } = poll(prober, 20_000);
  assertEquals(relays.map(([at]) => at), [2000, 6000, 10_000, 14_000, 18_000]);
  assertEquals(new Set(relays.map(([, peer]) => peer)), new Set(["n3", "n4"]));
});

Deno.test("each suspect is looked for through each relay, one pair after the other", () => {
  const prober = newProber(["n1", "n2"]);
  prober.suspect(0);
  const { pairs } = poll(prober, 30_000);
  assertEquals(new Set(pairs.slice(0, 4)), new Set(["n3 n1", "n3 n2", "n4 n1", "n4 n2"]));
  assertEquals(pairs.slice(4), pairs.slice(0, 4));
});

Deno.test("a peer that did not reply is not a relay for 20 s", () => {
  const prober = newProber(["n1"], { n3: 1000 });
  prober.suspect(0);
  const { relays } = poll(prober, 40_000);
  const isN3 = ([, peer]: [number, string]) => peer === "n3";
  assertEquals(relays.filter(([at]) => at <= 21_000).filter(isN3), []);
  assert(relays.some(isN3));
});

Deno.test("without suspects there are no probes, and relays only in a partition", () => {
  const prober = newProber([]);
  prober.suspect(0);
  assertEquals(poll(prober, 20_000), { probes: [], relays: [], pairs: [] });
  assertEquals(prober.deadlineMs, Infinity);
  const { probes, pairs } = poll(prober, 20_000, true);
  assertEquals(probes, []);
  assertEquals(pairs.map((pair) => pair.split(" ")[1]), Array(5).fill("undefined"));
});

Deno.test("a change that has been pending for 2 s makes relays more frequent", () => {
  const prober = newProber(["n1"]);
  prober.suspect(0);
  poll(prober, 10_000);
  assert(!prober.relays(9000, 10_000));
  assert(prober.relays(8000, 10_000));
  const { relays } = poll(prober, 14_000);
  assertEquals(relays.map(([at]) => at), [12_000]);
});

Deno.test("the reply of one suspect makes all others be probed, at most every 100 ms", () => {
  const prober = newProber(["n1", "n2"]);
  assertEquals(prober.probeAll(1000), ["n1", "n2"]);
  assertEquals(prober.probeAll(1099), []);
  assertEquals(prober.probeAll(1100), ["n1", "n2"]);
});
