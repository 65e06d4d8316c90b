import { assert, assertEquals, assertMatch, assertNotEquals } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { SimHarness } from "./sim_harness.ts";

/** Runs a node that does something at `init`; what it returns is sent. */
async function atInit(act: (node: Node) => unknown, milliseconds = 50): Promise<SimHarness> {
  const stage = new SimHarness((node) => {
    node.on("init", () => node.send("c1", { type: "result", value: String(act(node)) }));
  });
  await stage.run(async () => {
    stage.start();
    await stage.advance(milliseconds);
  });
  return stage;
}

function resultOf(stage: SimHarness): unknown {
  return (stage.messages[0]?.body as { readonly value: unknown }).value;
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
  Deno.test(`${name} in a node is noted with its place, and gives the same in every run`, async () => {
    const [first, second] = [await atInit(call), await atInit(call)];
    assertEquals(first.nondeterministicCalls.map(({ call }) => call), [name]);
    assertMatch(first.nondeterministicCalls[0]?.where ?? "", /nondeterminism_traps_test\.ts:\d+:\d+/);
    assertEquals(resultOf(first), resultOf(second));
    assertEquals(first.nondeterministicCalls, second.nondeterministicCalls);
  });
}

Deno.test("another seed gives other random numbers and the same time", async () => {
  const stages = await Promise.all(["1", "2"].map(async (seed) => {
    const stage = new SimHarness(
      (node) => {
        node.on("init", () => node.send("c1", { type: "r", r: Math.random(), now: Date.now() }));
      },
      [],
      seed,
    );
    await stage.run(async () => {
      stage.start();
      await stage.advance(1);
    });
    return stage.messages[0]?.body as { readonly r: number; readonly now: number };
  }));
  assertNotEquals(stages[0]?.r, stages[1]?.r);
  assertEquals(stages[0]?.now, stages[1]?.now);
  assertEquals(stages[0]?.now, 1_735_689_600_000);
});

Deno.test("clocks of every kind show the time of the node", async () => {
  const stage = await atInit(() => [
    new Date().toISOString(),
    Temporal.Now.instant(),
    Temporal.Now.zonedDateTimeISO("Asia/Tokyo"),
    Temporal.Now.plainDateTimeISO("UTC"),
  ]);
  assertEquals(
    resultOf(stage),
    "2025-01-01T00:00:00.000Z,2025-01-01T00:00:00Z,2025-01-01T09:00:00+09:00[Asia/Tokyo]," +
      "2025-01-01T00:00:00",
  );
});

Deno.test("dates made of given times, and Date as a class, are left alone", async () => {
  const stage = await atInit(() => {
    const date = new Date(86_400_000);
    return [date.toISOString(), date instanceof Date, Date.UTC(1970, 0, 3), Date.parse("1970")];
  });
  assertEquals(stage.nondeterministicCalls, []);
  assertEquals(resultOf(stage), "1970-01-02T00:00:00.000Z,true,172800000,0");
});

Deno.test("a call in a continuation, long after the handler returned, is the same node's", async () => {
  const stage = new SimHarness((node) => {
    node.on("init", () => {
      (async () => {
        await node.sleep(20);
        for (let turn = 0; turn < 50; turn++) await null;
        node.send("c1", { type: "late", value: Math.random() });
      })();
    });
  });
  await stage.run(async () => {
    stage.start();
    await stage.advance(50);
  });
  assertEquals(stage.nondeterministicCalls.map(({ call }) => call), ["Math.random()"]);
});

Deno.test("timers that a node sets by itself run on virtual time, and can be cleared", async () => {
  const seen: string[] = [];
  const stage = await atInit((node) => {
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
  assertEquals(stage.nondeterministicCalls.length, 3);
});

Deno.test("what a node prints is no message, and what it prints to stderr is its log", async () => {
  const stage = await atInit(() => {
    // deno-lint-ignore no-console
    console.log("hello", { a: 1 });
    // deno-lint-ignore no-console
    console.error("two\nlines");
    return "";
  });
  assertEquals(stage.malformedOutput, ["hello { a: 1 }: this is no message"]);
  assertEquals(stage.log, ["0 two", "0 lines"]);
});

Deno.test("the workbench, and everybody else in the process, gets the real thing", async () => {
  const stage = new SimHarness((node) => {
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
  await stage.run(async () => {
    stage.start();
    while (seen.length < 3) {
      await stage.advance(10);
      assert(Date.now() >= began, "the test itself is no node");
    }
  });
  clearInterval(timer);
  assert(seen.every((time) => time >= began));
  assertEquals(stage.nondeterministicCalls, []);
  assertEquals(current(), before);
});

Deno.test("what the workbench does for a node, such as keeping its messages, is not the node's doing", async () => {
  const stage = new SimHarness((node) => {
    node.on("init", () => node.log("a line"));
  });
  stage.log.push = () => Date.now();
  await stage.run(async () => {
    stage.start();
    await stage.advance(1);
  });
  assertEquals(stage.nondeterministicCalls, []);
});

Deno.test("a run that fails leaves no traps behind", async () => {
  const real = Math.random;
  const stage = new SimHarness(() => {});
  await stage.run(() => Promise.reject(new Error("planted"))).catch(() => {});
  assertEquals(Math.random, real);
});
