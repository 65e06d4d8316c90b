import { assert, assertEquals } from "std/testing";
import { type ProbedPeer, Prober } from "../../lib/replication/prober.ts";

const PEERS = ["n1", "n2", "n3", "n4"];

type Peers = Readonly<Record<string, Partial<ProbedPeer>>>;

const SUSPECTED: Partial<ProbedPeer> = { isSuspected: true, pending: 0 };

/** The given peers; the others are reachable and lack nothing. */
function sessionsOf(peers: Peers): Map<string, ProbedPeer> {
  const sessions = new Map<string, ProbedPeer>();
  for (const peer of PEERS) {
    const session = {
      peer,
      isSuspected: false,
      isTarget: false,
      unreachableMs: -Infinity,
      pending: undefined,
    };
    sessions.set(peer, { ...session, ...peers[peer] });
  }
  return sessions;
}

function newProber(peers: Peers = {}, random: () => number = () => 0.5): Prober {
  return new Prober(PEERS, sessionsOf(peers), random);
}

/** What a prober did: the times and peers of probes and relays, and what the relays had to reach. */
interface Polled {
  readonly probes: [number, string][];
  readonly relays: [number, string][];
  readonly lost: string[];
}

/** Polls a prober at every deadline from one time to another one. */
function poll(prober: Prober, toMs: number, { fromMs = 0, isPartitioned = false } = {}): Polled {
  const polled: Polled = { probes: [], relays: [], lost: [] };
  for (let now = fromMs; now <= toMs; now = prober.deadlineMs) {
    const { probed, relay } = prober.poll(isPartitioned, now);
    if (probed !== undefined) polled.probes.push([now, probed]);
    if (relay?.peer === undefined) continue;
    polled.relays.push([now, relay.peer]);
    polled.lost.push(`${relay.peer}: ${relay.lost}`);
  }
  return polled;
}

Deno.test("suspects are probed in turn, at least once every 800 ms", () => {
  const prober = newProber({ n1: SUSPECTED, n2: SUSPECTED });
  prober.suspect(0);
  const { probes } = poll(prober, 20_000);
  const gaps = probes.map(([at], index) => at - (probes[index - 1]?.[0] ?? 0));
  assert(gaps.every((gap) => gap >= 150 && gap <= 800), `${gaps}`);
  assertEquals(probes.slice(0, 4).map(([, peer]) => peer), ["n1", "n2", "n1", "n2"]);
});

Deno.test("each new suspect is probed within 200 ms, however long others have been suspected", () => {
  const prober = newProber({ n1: SUSPECTED });
  prober.suspect(0);
  poll(prober, 10_000);
  prober.suspect(10_000);
  const gapMs = prober.deadlineMs - 10_000;
  assert(gapMs >= 150 && gapMs <= 200, `${gapMs} ms`);
});

Deno.test("after a heal nothing is due, and relays for the next suspect begin after 2 s again", () => {
  const sessions = sessionsOf({ n1: SUSPECTED });
  const prober = new Prober(PEERS, sessions, () => 0.5);
  prober.suspect(0);
  poll(prober, 9000);
  const healed = sessionsOf({}).get("n1") as ProbedPeer;
  sessions.set("n1", healed);
  prober.poll(false, 9001);
  assertEquals(prober.deadlineMs, Infinity);
  prober.hasten(9002);
  assertEquals(prober.deadlineMs, Infinity, "no relay is needed");
  sessions.set("n1", { ...healed, ...SUSPECTED });
  prober.suspect(20_000);
  const { relays } = poll(prober, 27_000, { fromMs: 20_000 });
  assertEquals(relays.map(([at]) => at), [22_000, 26_000]);
});

Deno.test("relays are the other peers in turn, after 2 s and then every 4 s", () => {
  const prober = newProber({ n1: SUSPECTED, n2: SUSPECTED });
  prober.suspect(0);
  const { relays } = poll(prober, 20_000);
  assertEquals(relays.map(([at]) => at), [2000, 6000, 10_000, 14_000, 18_000]);
  assertEquals(new Set(relays.map(([, peer]) => peer)), new Set(["n3", "n4"]));
});

Deno.test("replicas that suspect the same peer begin with different relays", () => {
  const first = [0, 0.001, 0.002].map((random) =>
    poll(newProber({ n1: SUSPECTED }, () => random), 2000).relays[0]?.[1]
  );
  assertEquals(new Set(first), new Set(["n2", "n3", "n4"]));
});

Deno.test("a relay has to reach all suspects, and who did not reply to a relay and lacks changes", () => {
  const prober = newProber({
    n1: SUSPECTED,
    n2: { unreachableMs: 0, pending: 0 },
    n3: { pending: 0 },
  });
  const { lost } = poll(prober, 10_000);
  assertEquals(new Set(lost), new Set(["n3: n1,n2", "n4: n1,n2"]));
});

Deno.test("a peer that did not reply is not a relay for 20 s", () => {
  const gone = { unreachableMs: 1000 };
  const prober = newProber({ n1: SUSPECTED, n2: gone, n3: gone });
  const { relays } = poll(prober, 40_000);
  const early = relays.filter(([at]) => at < 21_000).map(([, peer]) => peer);
  assertEquals(new Set(early), new Set(["n4"]));
  assert(prober.isUnreachable("n3", 20_999) && !prober.isUnreachable("n3", 21_000));
  assertEquals(new Set(relays.map(([, peer]) => peer)), new Set(["n2", "n3", "n4"]));
});

Deno.test("if no peer replied to relays, all but the suspects are asked again", () => {
  const gone = { unreachableMs: 1000 };
  const prober = newProber({ n1: SUSPECTED, n2: gone, n3: gone, n4: gone });
  const { relays } = poll(prober, 12_000);
  assertEquals(new Set(relays.map(([, peer]) => peer)), new Set(["n2", "n3", "n4"]));
});

Deno.test("without suspects there are no probes, and relays only in a partition", () => {
  const prober = newProber();
  prober.suspect(0);
  assertEquals(poll(prober, 20_000), { probes: [], relays: [], lost: [] });
  assertEquals(prober.deadlineMs, Infinity);
  const { probes, lost } = poll(prober, 20_000, { isPartitioned: true });
  assertEquals(probes, []);
  assertEquals(lost, ["n1: ", "n2: ", "n3: ", "n4: ", "n1: "]);
});

const TARGET: Partial<ProbedPeer> = { isTarget: true };

Deno.test("a relay asks the peers that it reached to reach the others, each once", () => {
  const prober = newProber({
    n1: TARGET,
    n2: TARGET,
    n3: { ...TARGET, unreachableMs: 1000, pending: 0 },
  });
  const { relays, lost } = poll(prober, 20_999, { fromMs: 1000 });
  assertEquals(relays.map(([at]) => at), [3000, 7000]);
  assertEquals(new Set(lost), new Set(["n1: n3", "n2: n3"]));
});

Deno.test("a relay asks no peer when it reached all, or none, or when those lack nothing", () => {
  const missing = { ...TARGET, unreachableMs: 1000, pending: 0 };
  for (
    const peers of [{ n1: TARGET, n2: TARGET }, { n1: missing, n2: missing }, {
      n1: TARGET,
      n2: { ...missing, pending: undefined },
    }]
  ) {
    assertEquals(poll(newProber(peers), 20_000, { fromMs: 1000 }).relays, []);
  }
});

Deno.test("a change that has been pending for 2 s makes relays more frequent", () => {
  const prober = newProber({ n1: SUSPECTED });
  prober.suspect(0);
  poll(prober, 10_000);
  assert(!prober.relays(8001, 10_000));
  const { relays: regular } = poll(prober, 14_000, { fromMs: prober.deadlineMs });
  assertEquals(regular.map(([at]) => at), [14_000]);
  assert(prober.relays(12_000, 14_000));
  const { relays } = poll(prober, 18_000, { fromMs: prober.deadlineMs });
  assertEquals(relays.map(([at]) => at), [16_000]);
});

Deno.test("the reply of one suspect makes all others be probed, at most every 100 ms", () => {
  const prober = newProber({ n1: SUSPECTED, n2: SUSPECTED });
  assertEquals(prober.probeAll(1000), ["n1", "n2"]);
  assertEquals(prober.probeAll(1099), []);
  assertEquals(prober.probeAll(1100), ["n1", "n2"]);
});
