import { assert, assertEquals } from "std/testing";
import { EntryLog, Session } from "../../lib/replication/mod.ts";
import { Prober } from "../../lib/replication/prober.ts";
import { RETRY } from "./replicas.ts";

const PEERS = ["n1", "n2", "n3", "n4"];

/** A prober whose engine records what it sends. */
class Probing {
  readonly sessions = new Map<string, Session>();
  readonly prober: Prober;
  readonly probes: [atMs: number, peer: string][] = [];
  /** The relays, with the peers that they have to reach; those of `reach` without. */
  readonly relays: [atMs: number, peer: string, lost?: string][] = [];

  constructor(suspects: readonly string[] = [], random: () => number = () => 0.5) {
    const session = (peer: string) => new Session(peer, new EntryLog(NODE), RETRY);
    for (const peer of PEERS) this.sessions.set(peer, session(peer));
    const engine = {
      sessions: this.sessions,
      session,
      sync: ({ peer }: Session, now: number, more?: { readonly relay?: string[] | undefined }) =>
        void this.relays.push(
          more === undefined ? [now, peer] : [now, peer, (more.relay ?? []).join()],
        ),
      acknowledge: ({ peer }: Session, now: number, { urgent = false } = {}) => {
        assert(urgent);
        this.probes.push([now, peer]);
      },
      sometimes: () => {},
    };
    this.prober = new Prober(engine, PEERS, random);
    for (const peer of suspects) this.suspect(peer, 0);
  }

  suspect(peer: string, now: number): void {
    (this.sessions.get(peer) as Session).isSuspected = true;
    this.prober.suspect(now);
  }

  /** Polls the prober at every deadline from one time to another one. */
  run(toMs: number, { fromMs = 0, isPartitioned = false } = {}): this {
    for (let now = fromMs; now <= toMs; now = this.prober.deadlineMs) {
      this.prober.poll(isPartitioned, now);
    }
    return this;
  }
}
const NODE = { id: "n0", incarnation: "x" };

Deno.test("suspects are probed together, at least once every 800 ms", () => {
  const { probes } = new Probing(["n1", "n2"]).run(20_000);
  const times = [...Map.groupBy(probes, ([at]) => at)];
  const gaps = times.map(([at], index) => at - (times[index - 1]?.[0] ?? 0));
  assert(gaps.every((gap) => gap >= 360 && gap <= 800), `${gaps}`);
  for (const [, probed] of times) assertEquals(probed.map(([, peer]) => peer), ["n1", "n2"]);
});

Deno.test("each new suspect is probed within 400 ms, however long others have been suspected", () => {
  const { prober } = new Probing(["n1"]).run(10_000);
  prober.suspect(10_000);
  const gapMs = prober.deadlineMs - 10_000;
  assert(gapMs >= 360 && gapMs <= 400, `${gapMs} ms`);
});

Deno.test("after a heal nothing is due, and relays for the next suspect begin after 5 s again", () => {
  const probing = new Probing(["n1"]).run(12_000);
  (probing.sessions.get("n1") as Session).isSuspected = false;
  probing.prober.poll(false, 12_001);
  assertEquals(probing.prober.deadlineMs, Infinity);
  probing.suspect("n1", 20_000);
  probing.run(31_000, { fromMs: 20_000 });
  assertEquals(probing.relays.map(([at]) => at), [5000, 10_000, 25_000, 30_000]);
});

Deno.test("relays are the other peers in turn, one every 5 s", () => {
  const { relays } = new Probing(["n1", "n2"]).run(16_000);
  assertEquals(
    relays.map(([at, , lost]) => [at, lost]),
    [5000, 10_000, 15_000].map((at) => [
      at,
      "n1,n2",
    ]),
  );
  assertEquals(new Set(relays.map(([, peer]) => peer)), new Set(["n3", "n4"]));
});

Deno.test("replicas that suspect the same peer begin with different relays", () => {
  const first = [0, 0.001, 0.002].map((random) =>
    new Probing(["n1"], () => random).run(5000).relays[0]?.[1]
  );
  assertEquals(new Set(first), new Set(["n2", "n3", "n4"]));
});

Deno.test("a peer that did not reply to a relay is lost for 20 s, or until it receives a message", () => {
  for (const isBack of [false, true]) {
    const probing = new Probing(["n1"]);
    probing.prober.noteUnreachable("n2", 0);
    if (isBack) probing.prober.noteReachable("n2", 0);
    probing.run(19_999);
    assert(probing.relays.every(([, peer, lost]) => isBack || (peer !== "n2" && lost === "n1,n2")));
    assertEquals(probing.relays.some(([, peer]) => peer === "n2"), isBack);
    probing.run(40_000, { fromMs: 20_000 });
    assert(probing.relays.some(([, peer]) => peer === "n2"));
  }
});

Deno.test("a relay requests from the peers that it reached to reach each other one", () => {
  const { prober, relays } = new Probing();
  prober.reach(["n1", "n2", "n3"], 0);
  prober.noteReachable("n1", 300);
  prober.noteReachable("n4", 300);
  prober.noteUnreachable("n3", 400);
  prober.noteUnreachable("n4", 400);
  assertEquals(relays.slice(3), [[400, "n1", "n3"]]);
  prober.reach(["n1"], 500);
  prober.noteUnreachable("n1", 900);
  assertEquals(relays.slice(5), [], "none is reached");
});

Deno.test("a peer that a relay reaches late is requested to reach those that it has not reached", () => {
  const { prober, relays } = new Probing();
  prober.reach(["n1", "n2", "n3"], 0);
  prober.noteUnreachable("n2", 100);
  prober.noteReachable("n1", 300);
  prober.noteReachable("n1", 400);
  assertEquals(relays.slice(3), [[300, "n1", "n2"]]);
  prober.noteReachable("n2", 500);
  prober.noteReachable("n3", 600);
  assertEquals(relays.slice(4), [], "none is missing");
});

Deno.test("a relay syncs with lost peers, but not with those that are lost for it", () => {
  const { prober, relays } = new Probing(["n1"]);
  prober.noteUnreachable("n2", 0);
  prober.reach(["n1", "n2", "n3", "n9"], 19_999);
  assertEquals(relays, [[19_999, "n3"]]);
  prober.reach(["n2"], 20_000);
  assertEquals(relays.slice(1), [[20_000, "n2"]]);
});

Deno.test("if no peer is left, there is no relay", () => {
  assertEquals(new Probing(PEERS).run(12_000).relays, []);
});

Deno.test("without suspects there are no probes, and relays only in a partition", () => {
  const probing = new Probing();
  probing.prober.suspect(0);
  probing.run(20_000);
  assertEquals([probing.probes, probing.relays], [[], []]);
  assertEquals(probing.prober.deadlineMs, Infinity);
  probing.run(25_000, { isPartitioned: true });
  assertEquals(probing.probes, []);
  assertEquals(probing.relays.map(([, peer, lost]) => peer + lost), ["n1", "n2", "n3", "n4", "n1"]);
});
