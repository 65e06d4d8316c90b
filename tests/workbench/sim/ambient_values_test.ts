import { assert, assertEquals, assertMatch, assertThrows } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { installTraps } from "../../../lib/workbench/sim/ambient/install_traps.ts";
import { guardBuiltinModule } from "../../../lib/workbench/sim/ambient/node_modules.ts";
import { SimHarness } from "./sim_harness.ts";

type Callable = (...args: unknown[]) => unknown;

/** Runs code in a node at `init`, and returns what it returns and the harness. */
async function inNode<T>(code: (node: Node) => T | Promise<T>, args: readonly string[] = []) {
  let value: T | undefined;
  const sim = new SimHarness(
    (node) => {
      Promise.resolve(code(node)).then((result) => value = result);
    },
    args,
  );
  await sim.run(async () => {
    sim.start();
    await sim.advance(100);
  });
  return { value, sim };
}

function builtin(name: string): Readonly<Record<string, Callable>> {
  return guardBuiltinModule(name) as Readonly<Record<string, Callable>>;
}

Deno.test("the clocks of a node agree", async () => {
  const { value } = await inNode(async (node) => {
    await node.sleep(12.5);
    const { process } = globalThis as unknown as { process: Record<string, Callable> };
    const [seconds, nanoseconds] = process.hrtime?.() as [number, number];
    const parts = new Intl.DateTimeFormat("en", { fractionalSecondDigits: 3, timeZone: "UTC" });
    return [
      node.now(),
      performance.now(),
      performance.mark("m").startTime,
      performance.measure("m").startTime,
      seconds * 1000 + nanoseconds / 1e6,
      (process.uptime?.() as number) * 1000,
      new Event("e").timeStamp,
      Date.now() + 0.5,
      EPOCH_MS + Number(parts.format()) + 0.5,
      EPOCH_MS + Number(parts.formatToParts()[0]?.value) + 0.5,
    ];
  });
  assertEquals(value, Array(10).fill(EPOCH_MS + 12.5));
});
const EPOCH_MS = 1_735_689_600_000;

Deno.test("random bytes are spread over their whole array, and only that", async () => {
  const { value } = await inNode(() => {
    const arrays = Array.from({ length: 64 }, () => {
      const words = new Uint32Array(4);
      crypto.getRandomValues(words.subarray(1, 3));
      return [...new Uint8Array(words.buffer)];
    });
    return Array.from({ length: 16 }, (_, index) => new Set(arrays.map((bytes) => bytes[index])));
  });
  const isVaried = value?.map((bytes) => bytes.size > 30);
  assertEquals(isVaried, [false, true, true, false].flatMap((varied) => Array(4).fill(varied)));
  assertEquals([...value?.[0] ?? []], [0]);
});

Deno.test("random UUIDs have version 4 and the variant of the standard", async () => {
  const { value } = await inNode(() => Array.from({ length: 40 }, () => crypto.randomUUID()));
  for (const id of value ?? []) {
    assertMatch(id, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  assertEquals(new Set(value).size, 40);
  assertEquals(new Set(value?.map((id) => id[19])).size, 4);
  assertEquals(new Set(value?.map((id) => id.slice(24))).size, 40);
});

Deno.test("node:crypto draws in the given bounds and sizes", async () => {
  const { value } = await inNode(async () => {
    const { randomInt, randomBytes, randomFill, randomFillSync } = builtin("crypto");
    const draws = Array.from({ length: 100 }, () => randomInt?.(5, 8));
    const below = Array.from({ length: 100 }, () => randomInt?.(3));
    const later = await new Promise((done) =>
      randomInt?.(5, 6, (error: unknown, n: unknown) => done([error, n]))
    );
    const bytes = await new Promise<Uint8Array>((done) =>
      randomBytes?.(40, (_: unknown, bytes: Uint8Array) => done(bytes))
    );
    const filled = randomFillSync?.(new Uint8Array(40), 10, 20) as Uint8Array;
    const rest = randomFillSync?.(new Uint8Array(40), 10) as Uint8Array;
    const all = await new Promise<Uint8Array>((done) =>
      randomFill?.(new Uint8Array(40), (_: unknown, bytes: Uint8Array) => done(bytes))
    );
    const zeros = (array: Uint8Array) =>
      [array.slice(0, 10), array.slice(30)].map((part) => part.every((b) => b === 0));
    return {
      draws: [...new Set(draws)].sort(),
      below: [...new Set(below)].sort(),
      later,
      size: bytes.length,
      isVaried: [bytes, all].map((array) => new Set(array).size > 20),
      filled: zeros(filled),
      rest: zeros(rest),
    };
  });
  assertEquals(value, {
    draws: [5, 6, 7],
    below: [0, 1, 2],
    later: [null, 5],
    size: 40,
    isVaried: [true, true],
    filled: [true, true],
    rest: [true, false],
  });
});

Deno.test("timers of node:timers/promises wait and return their value", async () => {
  const { value } = await inNode(async (node) => {
    const { setTimeout, setImmediate } = builtin("timers/promises");
    const begun = node.monotonic();
    const first = [await setTimeout?.(7, "a"), node.monotonic() - begun];
    return [...first, await setImmediate?.("b"), node.monotonic() - begun];
  });
  assertEquals(value, ["a", 7, "b", 8]);
});

Deno.test("timer ids are positive, and a node's own", async () => {
  const ids = async () =>
    (await inNode(() => [setTimeout(() => {}, 1), setInterval(() => {}, 50)].map(Number))).value;
  assertEquals(await ids(), [1, 2]);
  assertEquals(await ids(), [1, 2]);
});

Deno.test("an interval repeats until it is cleared, and a cleared timer never fires", async () => {
  const times: number[] = [];
  await inNode((node) => {
    const interval = setInterval(() => times.push(node.monotonic()), 20);
    setTimeout(() => clearInterval(interval), 70);
    const immediate = setImmediate(() => times.push(-1));
    clearImmediate(immediate);
  });
  assertEquals(times, [20, 40, 60]);
});

Deno.test("refused calls throw or reject, and nothing is constructed", async () => {
  const { value } = await inNode(async () => {
    const nameOf = async (code: () => unknown) => {
      try {
        await code();
        return "none";
      } catch (error) {
        return `${(error as Error).name}: ${(error as Error).message}`;
      }
    };
    const { readFile } = builtin("fs");
    return [
      await nameOf(() => new MessageChannel()),
      await nameOf(() => Deno.readTextFile("a").catch((error) => Promise.reject(error))),
      await nameOf(() => Deno.readTextFileSync("a")),
      await nameOf(() => new Deno.Command("id")),
      await nameOf(() => readFile?.("a", () => {})),
      await nameOf(() => new Blob([]).stream()),
    ];
  });
  const unavailable =
    "is not available in a simulated node: it takes real time or depends on the machine";
  const denied = "is not allowed: a simulated node has no permissions";
  assertEquals(value, [
    `UnavailableError: new MessageChannel() ${unavailable}`,
    `NotCapable: Deno.readTextFile() ${denied}`,
    `NotCapable: Deno.readTextFileSync() ${denied}`,
    `NotCapable: Deno.Command() ${denied}`,
    `UnavailableError: fs.readFile() ${unavailable}`,
    `UnavailableError: Blob.stream() ${unavailable}`,
  ]);
});

Deno.test("Deno and process show a node its arguments, and nothing of the machine", async () => {
  const { value, sim } = await inNode(() => {
    const { process } = globalThis as unknown as { process: Record<string, unknown> };
    const descriptor = Object.getOwnPropertyDescriptor(Deno, "pid");
    return [
      Deno.args.join(),
      (process.argv as string[]).slice(2).join(),
      JSON.stringify(process.env),
      Deno.noColor,
      Deno.stdout.isTerminal(),
      Deno.build.os === realOs,
      process.platform === realPlatform,
      descriptor?.value,
      Reflect.get(Deno, Symbol.for("ops")) === undefined,
      Reflect.get(Deno, "internal") === undefined,
      navigator.hardwareConcurrency,
      typeof localStorage,
    ];
  }, []);
  assertEquals(value, ["", "", "{}", true, false, true, true, 1, true, true, 1, "undefined"]);
  assertEquals(sim.nondeterministicCalls.map(({ call }) => call), [
    "Deno.pid",
    "Deno.internal",
    "localStorage",
  ]);
});
const realOs = Deno.build.os;
const { process: realProcess } = globalThis as unknown as { process: { platform: string } };
const realPlatform = realProcess.platform;

Deno.test("a node's streams and console write to its stdout or log", async () => {
  const { sim } = await inNode(async () => {
    Deno.stdout.writeSync(new TextEncoder().encode("out\n"));
    await Deno.stderr.write(new TextEncoder().encode("err\n"));
    // deno-lint-ignore no-console
    console.assert(true, "not shown");
    // deno-lint-ignore no-console
    console.assert(false, "shown");
    // deno-lint-ignore no-console
    console.table([1]);
    // deno-lint-ignore no-console
    console.count();
  });
  assertEquals(sim.malformedOutput.map((line) => line.split(":")[0]), ["out", "[ 1 ]"]);
  assertEquals(sim.log, ["0 err", "0 Assertion failed shown"]);
});

Deno.test("process.exit() and Deno.exit() end the node with their codes", async () => {
  for (const [code, expected] of [[undefined, 0], [3, 3]] as const) {
    const sim = new SimHarness(() => Deno.exit(code));
    await sim.run(async () => {
      const node = sim.start();
      await sim.advance(10);
      assertEquals(node.exit, { code: expected, signal: null });
    });
  }
});

Deno.test("other code sees the real Deno, process and modules while the traps are installed", () => {
  const before = [Deno.pid, performance.timeOrigin, navigator.hardwareConcurrency];
  const release = installTraps();
  const releaseAgain = installTraps();
  try {
    assertEquals([Deno.pid, performance.timeOrigin, navigator.hardwareConcurrency], before);
    assertEquals(Deno.readTextFileSync(new URL(import.meta.url)).includes("installTraps"), true);
    assertEquals((builtin("fs").existsSync as Callable)("/"), true);
    const real = Object.getOwnPropertyDescriptor(Deno, "pid");
    assertEquals("value" in (real ?? {}) ? real?.value : real?.get?.call(Deno), Deno.pid);
    assert(new MessageChannel().port1 instanceof MessagePort);
    assertThrows(() => new Deno.Command("/nowhere/at-all").outputSync(), Deno.errors.NotFound);
    release();
    release();
    assert(Math.random !== realRandom, "a second release of the same traps has no effect");
  } finally {
    releaseAgain();
  }
  assertEquals(Math.random, realRandom);
});
const realRandom = Math.random;

Deno.test("a built-in module is guarded once, and an unknown one is undefined", () => {
  assertEquals(guardBuiltinModule("os"), guardBuiltinModule("os"));
  assert(guardBuiltinModule("os") === guardBuiltinModule("os"));
  assertEquals(guardBuiltinModule("missing"), undefined);
});
