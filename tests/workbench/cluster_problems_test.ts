import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "std/testing";
import { InvariantError, Random } from "../../lib/base/mod.ts";
import { Cluster } from "../../lib/workbench/cluster.ts";
import { type Engine, type NodeListener, StartError } from "../../lib/workbench/engine.ts";
import { Network } from "../../lib/workbench/network.ts";
import { inVirtualTime } from "../support/in_virtual_time.ts";

/** A cluster of nodes n0 and n1 whose events a test makes. */
interface Scene {
  readonly cluster: Cluster;
  readonly listenerOf: (node: string) => NodeListener;
  readonly violations: number;
  /** The clock offsets that nodes got. */
  readonly skews: readonly (readonly [node: string, offsetMs: number])[];
}

/** Runs a test. The nodes reply to `init` unless they are silent. */
function withCluster(
  test: (scene: Scene) => Promise<void>,
  silent: readonly string[] = [],
): Promise<void> {
  return inVirtualTime(async (clock) => {
    const listeners = new Map<string, NodeListener>();
    const skews: [string, number][] = [];
    const engine: Engine = {
      clock,
      name: "scripted",
      missingFaults: [],
      run: (run) => run(),
      start(id, listener) {
        listeners.set(id, listener);
        return {
          exit: undefined,
          ended: new Promise(() => {}),
          lastLines: { stdout: [], stderr: [] },
          deliver({ src, body }) {
            if (silent.includes(id)) return;
            const { msg_id } = body as { readonly msg_id: number };
            listener.sent({ src: id, dest: src, body: { type: "init_ok", in_reply_to: msg_id } });
          },
          kill: () => Promise.resolve(),
          pause() {},
          resume() {},
          skew: (offsetMs) => void skews.push([id, offsetMs]),
        };
      },
    };
    const latency = { meanMs: 0, distribution: "constant" } as const;
    const network = new Network({ clock, latency, random: new Random("1"), journal: () => {} });
    let violations = 0;
    const cluster = new Cluster({
      engine,
      network,
      nodes: ["n0", "n1"],
      log: () => {},
      onInvariantViolation: () => violations++,
    });
    await test({
      cluster,
      skews,
      listenerOf: (node) => listeners.get(node) as NodeListener,
      get violations() {
        return violations;
      },
    });
  });
}

Deno.test("a non-deterministic call is a problem once for each node, call and location", async () => {
  await withCluster(async ({ cluster, listenerOf }) => {
    await cluster.start();
    const calls = [["n0", "Date.now()", "a.ts:1"], ["n0", "Date.now()", "a.ts:2"], [
      "n0",
      "Math.random()",
      "a.ts:1",
    ], ["n1", "Date.now()", "a.ts:1"]] as const;
    for (let round = 0; round < 2; round++) {
      for (const [node, call, location] of calls) {
        listenerOf(node).nondeterministicCall?.(call, location);
      }
    }
    assertEquals(
      cluster.problems,
      calls.map(([node, call, line]) => ({
        node,
        line,
        problem: `it called ${call}`,
        type: "ambient-call",
      })),
    );
  });
});

Deno.test("a violated invariant is a problem at its location, and ends the test", async () => {
  await withCluster(async (scene) => {
    const { cluster, listenerOf } = scene;
    await cluster.start();
    const error = new InvariantError("planted");
    error.stack =
      "InvariantError: planted\n    at invariant (lib.ts:1)\n    at f (a.ts:7)\n    at g (b.ts:8)";
    listenerOf("n1").invariantViolated?.(error);
    const outside = new InvariantError("without other frames");
    outside.stack = "InvariantError: planted\n    at invariant (lib.ts:1)";
    listenerOf("n0").invariantViolated?.(outside);
    assertEquals(cluster.problems.map(({ node, line, type }) => [node, line, type]), [
      ["n1", "f (a.ts:7)", "invariant"],
      ["n0", "invariant (lib.ts:1)", "invariant"],
    ]);
    assertMatch(cluster.problems[0]?.problem ?? "", /it violated an invariant after 0 ms: planted/);
    listenerOf("n0").invariantViolated?.(new Error("busy for 1 s"));
    assertMatch(cluster.problems[2]?.problem ?? "", /it did not yield after 0 ms: busy for 1 s/);
    assertEquals(scene.violations, 3);
  });
});

Deno.test("a long line is shortened", async () => {
  await withCluster(async ({ cluster, listenerOf }) => {
    await cluster.start();
    listenerOf("n0").malformedOutput("x".repeat(1001), "planted", { isAccepted: false });
    assertEquals(cluster.problems[0]?.line, `${"x".repeat(1000)}… (1001 characters)`);
  });
});

Deno.test("a node that does not start is described with its own malformed output", async () => {
  await withCluster(async ({ cluster, listenerOf }) => {
    const start = cluster.start();
    listenerOf("n1").malformedOutput("good morning", "planted", { isAccepted: false });
    const error = await assertRejects(() => start, StartError);
    assertStringIncludes(error.message, "Node n0 did not reply to init");
    assert(!error.message.includes("good morning"));
  }, ["n0"]);
  await withCluster(async ({ cluster, listenerOf }) => {
    const start = cluster.start();
    listenerOf("n1").malformedOutput("good morning", "planted", { isAccepted: false });
    const error = await assertRejects(() => start, StartError);
    assertStringIncludes(error.message, "It wrote a malformed line: good morning\n  (planted)");
  }, ["n1"]);
});

Deno.test("a node that is killed before it replies to init does not fail the start", async () => {
  await withCluster(async ({ cluster }) => {
    const start = cluster.start();
    await cluster.kill("n1");
    await start;
  }, ["n1"]);
});

Deno.test("a restarted node gets the offset of its clock again", async () => {
  await withCluster(async ({ cluster, skews }) => {
    await cluster.start();
    await cluster.kill("n0");
    await cluster.restart("n0");
    cluster.skew("n1", 70);
    await cluster.restart("n1");
    assertEquals(skews, [["n1", 70]], "a node that runs is not restarted");
    await cluster.kill("n1");
    await cluster.restart("n1");
    assertEquals(skews, [["n1", 70], ["n1", 70]]);
  });
});

Deno.test("a message of another node, and one that no client can match, are problems", async () => {
  await withCluster(async ({ cluster, listenerOf }) => {
    const found = (message: { src: string; dest: string; body: unknown }) => {
      listenerOf("n0").sent(message);
      return cluster.problems.splice(0).map(({ problem, inMaelstrom }) => [problem, inMaelstrom]);
    };
    await cluster.start();
    assertEquals(found({ src: "n1", dest: "n0", body: {} }), [
      ["its src is 'n1', but n0 wrote it", "accepted"],
    ]);
    const reply = { src: "n0", dest: "c0" };
    for (const id of [undefined, null]) {
      assertEquals(found({ ...reply, body: { type: "x", in_reply_to: id } }), [
        ["a message to client c0 has no in_reply_to; clients only receive replies", "accepted"],
      ]);
    }
    assertEquals(found({ ...reply, body: { type: "x", in_reply_to: "1" } }), [
      ['in_reply_to must be an integer, the msg_id of a request; got "1"', "accepted"],
    ]);
    assertEquals(found({ ...reply, body: { type: "x", in_reply_to: 1 } }), []);
    assertEquals(found({ src: "n0", dest: "n1", body: { type: "x" } }), []);
  });
});
