import { assert, assertEquals, assertMatch, assertNotEquals } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { simulate } from "../../../lib/workbench/sim/mod.ts";
import { workloads } from "../../../lib/workload/mod.ts";
import { SimHarness } from "./sim_harness.ts";

/** The real function: the traps are not installed yet. */
const realSetTimeout = globalThis.setTimeout;

/** Runs a node that calls `code` at `init` and sends the result to a client. */
async function atInit(code: (node: Node) => unknown, durationMs = 50): Promise<SimHarness> {
  const sim = new SimHarness((node) => {
    node.send("c1", { type: "result", value: String(code(node)) });
  });
  await sim.run(async () => {
    sim.start();
    await sim.advance(durationMs);
  });
  return sim;
}

function resultOf(sim: SimHarness): unknown {
  return (sim.messages[0]?.body as { readonly value: unknown }).value;
}

const calls: Readonly<Record<string, () => unknown>> = {
  "Math.random()": () => Math.random(),
  "Date.now()": () => Date.now(),
  "new Date()": () => new Date().getTime(),
  "Date()": () => Date(),
  "performance.now()": () => performance.now(),
  "Temporal.Now.instant()": () => Temporal.Now.instant(),
  "Temporal.Now.zonedDateTimeISO()": () => Temporal.Now.zonedDateTimeISO("Asia/Tokyo"),
  "Temporal.Now.plainDateTimeISO()": () => Temporal.Now.plainDateTimeISO("UTC"),
  "Temporal.Now.plainDateISO()": () => Temporal.Now.plainDateISO(),
  "Temporal.Now.plainTimeISO()": () => Temporal.Now.plainTimeISO("UTC"),
  "setTimeout()": () => setTimeout(() => {}, 1),
  "setInterval()": () => setInterval(() => {}, 10),
  "setImmediate()": () => setImmediate(() => {}),
  "crypto.randomUUID()": () => crypto.randomUUID(),
  "crypto.getRandomValues()": () => crypto.getRandomValues(new Uint32Array(4)),
  "crypto.subtle": () => crypto.subtle.digest("SHA-256", new Uint8Array(1)) instanceof Promise,
  "fetch()": () => fetch("data:,x").then((response) => response.text()) instanceof Promise,
  "AbortSignal.timeout()": () => AbortSignal.timeout(5).aborted,
};

for (const [name, call] of Object.entries(calls)) {
  Deno.test(`${name} in a node is reported with its location and returns the same in every run`, async () => {
    const [first, second] = [await atInit(call), await atInit(call)];
    assertEquals(first.nondeterministicCalls.map(({ call }) => call), [name]);
    assertMatch(
      first.nondeterministicCalls[0]?.location ?? "",
      /nondeterminism_traps_test\.ts:\d+:\d+/,
    );
    assertEquals(resultOf(first), resultOf(second));
    assertEquals(first.nondeterministicCalls, second.nondeterministicCalls);
  });
}

Deno.test("another seed gives other random numbers and the same time", async () => {
  const runs = await Promise.all(["1", "2"].map(async (seed) => {
    const sim = new SimHarness(
      (node) => {
        node.send("c1", { type: "r", r: Math.random(), now: Date.now() });
      },
      [],
      seed,
    );
    await sim.run(async () => {
      sim.start();
      await sim.advance(1);
    });
    return sim.messages[0]?.body as { readonly r: number; readonly now: number };
  }));
  assertNotEquals(runs[0]?.r, runs[1]?.r);
  assertEquals(runs[0]?.now, runs[1]?.now);
  assertEquals(runs[0]?.now, 1_735_689_600_000);
});

Deno.test("every kind of clock shows the time of the node", async () => {
  const sim = await atInit(() => [
    new Date().toISOString(),
    Temporal.Now.instant(),
    Temporal.Now.zonedDateTimeISO("Asia/Tokyo"),
    Temporal.Now.plainDateTimeISO("UTC"),
  ]);
  assertEquals(
    resultOf(sim),
    "2025-01-01T00:00:00.000Z,2025-01-01T00:00:00Z,2025-01-01T09:00:00+09:00[Asia/Tokyo]," +
      "2025-01-01T00:00:00",
  );
});

Deno.test("Date with an argument, and Date's static functions, are not trapped", async () => {
  const sim = await atInit(() => {
    const date = new Date(86_400_000);
    return [date.toISOString(), date instanceof Date, Date.UTC(1970, 0, 3), Date.parse("1970")];
  });
  assertEquals(sim.nondeterministicCalls, []);
  assertEquals(resultOf(sim), "1970-01-02T00:00:00.000Z,true,172800000,0");
});

Deno.test("a call in a continuation, long after the handler returned, is attributed to its node", async () => {
  const sim = new SimHarness((node) => {
    (async () => {
      await node.sleep(20);
      for (let turn = 0; turn < 50; turn++) await null;
      node.send("c1", { type: "late", value: Math.random() });
    })();
  });
  await sim.run(async () => {
    sim.start();
    await sim.advance(50);
  });
  assertEquals(sim.nondeterministicCalls.map(({ call }) => call), ["Math.random()"]);
});

Deno.test("setTimeout() and setInterval() in a node run on virtual time and can be cleared", async () => {
  const seen: string[] = [];
  const sim = await atInit((node) => {
    const at = () => node.now() % 1000;
    setTimeout((text: string) => seen.push(`${text} at ${at()}`), 30, "timeout");
    const cleared = setTimeout(() => seen.push("cleared"), 10);
    clearTimeout(cleared);
    let count = 0;
    const interval = setInterval(() => {
      seen.push(`interval at ${at()}`);
      if (++count === 2) clearInterval(interval);
    }, 12);
    return "";
  }, 500);
  assertEquals(seen, ["interval at 12", "interval at 24", "timeout at 30"]);
  assertEquals(sim.nondeterministicCalls.length, 3);
});

Deno.test("console.log() in a node is malformed output, and console.error() writes to its log", async () => {
  const sim = await atInit(() => {
    // deno-lint-ignore no-console
    console.log("hello", { a: 1 });
    // deno-lint-ignore no-console
    console.error("two\nlines");
    return "";
  });
  assertEquals(sim.malformedOutput, [
    "hello { a: 1 }: Unexpected token 'h', \"hello { a: 1 }\" is not valid JSON",
  ]);
  assertEquals(sim.log, ["0 two", "0 lines"]);
});

Deno.test("code that does not belong to a node reaches the real functions", async () => {
  const sim = new SimHarness((node) => {
    node.every(1, () => node.send("c1", { type: "tick" }));
  });
  const current = () => [
    ...[Math.random, Date, Date.now, setTimeout, crypto.randomUUID, Deno.exit],
    // deno-lint-ignore no-console
    console.log,
  ];
  const before = current();
  const seen: number[] = [];
  const timer = setInterval(() => seen.push(Date.now()), 1);
  const began = Date.now();
  await sim.run(async () => {
    sim.start();
    while (seen.length < 3) {
      await sim.advance(10);
      assert(Date.now() >= began, "the test itself does not belong to a node");
    }
  });
  clearInterval(timer);
  assert(seen.every((time) => time >= began));
  assertEquals(sim.nondeterministicCalls, []);
  assertEquals(current(), before);
});

Deno.test("a call by the workbench on behalf of a node is not attributed to the node", async () => {
  const sim = new SimHarness((node) => {
    node.log("a line");
  });
  sim.log.push = () => Date.now();
  await sim.run(async () => {
    sim.start();
    await sim.advance(1);
  });
  assertEquals(sim.nondeterministicCalls, []);
});

Deno.test("a run that fails uninstalls the traps", async () => {
  const real = Math.random;
  const sim = new SimHarness(() => {});
  await sim.run(() => Promise.reject(new Error("planted"))).catch(() => {});
  assertEquals(Math.random, real);
});

Deno.test("a node that a captured real timer resumes is named", async () => {
  const program = (node: Node) =>
    node.on("echo", async ({ echo }) => {
      await new Promise((resolve) => realSetTimeout(resolve, 1));
      return { type: "echo_ok", echo: echo as string };
    });
  const { results, problems } = await simulate(program, workloads.echo, {
    nodes: 2,
    concurrency: 20,
    timeLimitSeconds: 1000,
    ratePerSecond: 100,
    seed: 1,
  });
  assertEquals(results["valid?"], false);
  const named = "it called a real timer, or the like, that it captured before the simulation";
  assertEquals(new Set(problems.map(({ problem }) => problem)), new Set([named]));
});
