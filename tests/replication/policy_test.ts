import { assert, assertEquals } from "std/testing";
import type { Policy, PolicyEvent } from "../../lib/replication/mod.ts";
import { ACK_DELAY_MS, eager, LATENCY_MS, Replicas, RETRY, typesOf } from "./replicas.ts";

const INITIAL_ROUND_TRIP_MS = 250;

/** A pair of replicas whose policies record what they receive, as `n0: type`. */
function recordingPair(more: Partial<Policy> = {}) {
  const events: (PolicyEvent & { readonly at: string })[] = [];
  const replicas = new Replicas(["n0", "n1"], (id) =>
    eager([id === "n0" ? "n1" : "n0"], {
      ...more,
      on(event) {
        if (event.type !== "tick") events.push({ ...event, at: id });
      },
    }));
  const take = () => events.splice(0);
  return { replicas, take };
}

const namesOf = (events: readonly (PolicyEvent & { readonly at: string })[]) =>
  events.map(({ at, type }) => `${at}: ${type}`);

Deno.test("a policy receives changes, updates and messages of its sessions", () => {
  const { replicas, take } = recordingPair();
  replicas.run(5000);
  take();
  replicas.add("n0", "value");
  replicas.run(1000);
  const events = take();
  assertEquals(namesOf(events), [
    "n0: changed",
    "n1: update",
    "n1: message",
    "n1: changed",
    "n0: update",
    "n0: message",
  ]);
  const [, update] = events;
  assert(update?.type === "update");
  assertEquals([update.before, update.update.to], [0, 1]);
});

Deno.test("a policy learns that a peer is suspected", () => {
  const { replicas, take } = recordingPair();
  replicas.run(5000);
  take();
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  replicas.run(10_000);
  assertEquals(namesOf(take()), ["n0: changed", "n0: suspected"]);
  assert(replicas.marks.includes("a peer was suspected"));
  replicas.delayMs = () => 0;
  replicas.run(2000);
  assert(replicas.marks.includes("a suspected peer replied"));
  assertEquals(replicas.valuesOf("n1"), ['"value"']);
});

Deno.test("a policy learns of a sync, its hint, and whether it is the reply", () => {
  const synced: unknown[] = [];
  const replicas = new Replicas(["n0", "n1"], (id) =>
    eager([id === "n0" ? "n1" : "n0"], {
      on(event, engine, now) {
        if (event.type === "synced") synced.push([id, event.isReply, event.sync.hint]);
        if (event.type !== "changed" || id !== "n0" || now < 5000) return;
        engine.sync(engine.session("n1"), now, { hint: "why" });
      },
    }));
  replicas.run(5000);
  synced.length = 0;
  replicas.add("n0", "value");
  replicas.run(2 * LATENCY_MS);
  assertEquals(synced, [["n1", false, "why"], ["n0", true, undefined]]);
});

Deno.test("a policy receives messages of its own, and those of refused peers", () => {
  const refusing = recordingPair({ accepts: () => false });
  refusing.replicas.run(5000);
  refusing.take();
  const { engine } = refusing.replicas.of("n0");
  engine.handle({ type: "received", peer: "n1", body: { type: "seek" } }, 6000);
  const update = { type: "update", me: "x", ack: 0, time: 0, from: 0, to: 0 };
  engine.handle({ type: "received", peer: "n1", body: update }, 6000);
  assertEquals(namesOf(refusing.take()), ["n0: other", "n0: refused"]);
});

Deno.test("a policy is polled at its own deadlines", () => {
  const times: number[] = [];
  let nextMs = 1000;
  const replicas: Replicas = new Replicas(
    ["n0", "n1"],
    (id) =>
      id === "n1" ? eager([]) : eager([], {
        deadlineMs: () => nextMs,
        on(event, _engine, now) {
          if (event.type !== "tick" || now < nextMs) return;
          times.push(now);
          nextMs += 700;
        },
      }),
  );
  replicas.run(3000);
  assertEquals(times, [1000, 1700, 2400]);
});

Deno.test("a new incarnation syncs after 600 ms with peers that have sent nothing", () => {
  const replicas = new Replicas(["n0", "n1"], (id) => eager([id === "n0" ? "n1" : "n0"]));
  assertEquals(replicas.run(599), []);
  const sent = replicas.run(1);
  assertEquals(typesOf(sent), ["sync", "sync"]);
  const lost = new Replicas(["n0", "n1"], (id) => eager(id === "n0" ? ["n1"] : []));
  lost.delayMs = () => Infinity;
  const repeatedMs = 600 + INITIAL_ROUND_TRIP_MS + RETRY.rtoMarginMs;
  assertEquals(lost.run(1000).map(({ atMs, body }) => [atMs, body.type]), [
    [600, "sync"],
    [repeatedMs, "sync"],
  ]);
  const acquainted = new Replicas(["n0", "n1"], (id) => eager([id === "n0" ? "n1" : "n0"]));
  acquainted.add("n0", "value");
  assertEquals(typesOf(acquainted.run(5000)), ["update", "update"]);
});

Deno.test("retransmission timeouts double, and the third one makes the peer suspected", () => {
  const suspectedMs: number[] = [];
  const replicas = new Replicas(["n0", "n1"], (id) =>
    eager([id === "n0" ? "n1" : "n0"], {
      on: (event, _engine, now) => void (event.type === "suspected" && suspectedMs.push(now)),
    }));
  replicas.add("n0", "first");
  replicas.run(5000);
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  const updates = replicas.run(2000).filter(({ body }) => body.delta !== undefined);
  const replyMs = 2 * LATENCY_MS + RETRY.rtoMarginMs;
  const secondMs = ACK_DELAY_MS + replyMs;
  const thirdMs = secondMs + 2 * replyMs;
  assertEquals(updates.map(({ atMs }) => atMs - 5000), [0, secondMs, thirdMs]);
  assertEquals(suspectedMs.map((ms) => ms - 5000), [thirdMs + 4 * replyMs]);
});

Deno.test("a retransmission is acknowledged immediately", () => {
  const replicas = new Replicas(["n0", "n1"], (id) => eager([id === "n0" ? "n1" : "n0"]));
  replicas.add("n0", "first");
  replicas.run(5000);
  replicas.delayMs = () => Infinity;
  replicas.add("n0", "value");
  replicas.run(1);
  replicas.delayMs = () => 0;
  const [retransmission, ack] = replicas.run(1000);
  assertEquals([retransmission?.from, retransmission?.body.urgent], ["n0", true]);
  assertEquals([ack?.from, ack?.body.ack], ["n1", 2]);
  assertEquals((ack?.atMs ?? 0) - (retransmission?.atMs ?? 0), LATENCY_MS);
});

Deno.test("a relaying session is passive: its policy learns nothing of it", () => {
  const nodes = ["n0", "n1", "n2"];
  const events: string[] = [];
  const replicas = new Replicas(nodes, (id) =>
    eager(id === "n0" ? ["n2"] : [], {
      on(event) {
        if ("session" in event) events.push(`${id}: ${event.type} of ${event.session.peer}`);
      },
    }));
  replicas.run(5000);
  replicas.delayMs = ({ from, to }) => from + to === "n0n2" || from + to === "n2n0" ? Infinity : 0;
  events.length = 0;
  replicas.add("n0", "value");
  const sent = replicas.run(20_000);
  assertEquals(replicas.valuesOf("n2"), ['"value"']);
  const suspicions = ["n0: suspected of n2", "n2: suspected of n0"];
  assertEquals(events.sort(), suspicions, "n1 relays, which no policy learns of");
  const relayed = sent.filter(({ from, to }) => from + to === "n0n1" || from + to === "n1n2");
  assert(relayed.length > 0 && relayed.every(({ body }) => body.passive === true));
});
