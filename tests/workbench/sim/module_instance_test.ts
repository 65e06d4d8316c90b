import { assertEquals, assertMatch, assertRejects, assertStringIncludes } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { loadProgram, simulate, type SimulationResult } from "../../../lib/workbench/sim/mod.ts";
import { workloads } from "../../../lib/workload/mod.ts";

const LIBRARY = new URL("../../../lib/node/mod.ts", import.meta.url).href;

/** Stores modules in a temporary folder, and loads `main.ts`. */
async function load(modules: Readonly<Record<string, string>>) {
  const folder = Deno.makeTempDirSync();
  try {
    for (const [name, text] of Object.entries(modules)) {
      Deno.writeTextFileSync(`${folder}/${name}`, text.replaceAll("LIBRARY", LIBRARY));
    }
    return await loadProgram(`${folder}/main.ts`);
  } finally {
    Deno.removeSync(folder, { recursive: true });
  }
}

/** Simulates echo nodes, and returns the lines that each node logged. */
async function logsOf(modules: Readonly<Record<string, string>>) {
  const run = await simulate(await load(modules), workloads.echo, {
    nodes: 2,
    timeLimitSeconds: 2,
    ratePerSecond: 4,
  });
  return [run.node("n0"), run.node("n1")].map(({ log }) => log.map(({ line }) => line));
}

const ECHO_AND_LOG = `
  export default function (node) {
    node.on("echo", ({ echo }) => {
      node.log(String(next()));
      return { type: "echo_ok", echo };
    });
  }`;

/** What each node logs that counts its requests from 1. */
function isCountedFromOne(logs: readonly (readonly string[])[]): boolean {
  return logs.every((lines) =>
    lines.length > 0 && lines.every((line, index) => line === String(index + 1))
  );
}

const counters: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "in the main module": { "main.ts": `let count = 0; const next = () => ++count; ${ECHO_AND_LOG}` },
  "in an imported module": {
    "main.ts": `import { next } from "./count.ts"; ${ECHO_AND_LOG}`,
    "count.ts": "let count = 0; export const next = (): number => ++count;",
  },
  "in a module that another one exports": {
    "main.ts": `import { next } from "./all.ts"; ${ECHO_AND_LOG}`,
    "all.ts": 'export * from "./count.js";',
    "count.js": "const counts = []; export const next = () => counts.push(0);",
  },
  "in a module that imports its importer": {
    "main.ts": `import { next } from "./count.ts"; export const step = 1; ${ECHO_AND_LOG}`,
    "count.ts": 'import { step } from "./main.ts"; let n = 0; export const next = () => n += step;',
  },
  "in a literal dynamic import": {
    "main.ts": `const { next } = await import("./count.ts"); ${ECHO_AND_LOG}`,
    "count.ts": "let count = 0; export const next = () => ++count;",
  },
  "in a global variable": {
    "main.ts": `const next = () => globalThis.n = (globalThis.n ?? 0) + 1; ${ECHO_AND_LOG}`,
  },
  "in another name of the global object": {
    "main.ts": `const next = () => self.n = (self.n ?? 0) + 1; ${ECHO_AND_LOG}`,
  },
  "in a closure": {
    "main.ts": `const next = (() => { let n = 0; return () => ++n; })(); ${ECHO_AND_LOG}`,
  },
  "in a package": {
    "main.ts": `import { v7 } from "npm:uuid@14.0.3"; let n = 0;
      const next = () => (v7({ msecs: 1, seq: n }), ++n); ${ECHO_AND_LOG}`,
  },
};
for (const [where, modules] of Object.entries(counters)) {
  Deno.test(`state ${where} is each node's own, in each run`, async () => {
    const [first, second] = [await logsOf(modules), await logsOf(modules)];
    assertEquals(isCountedFromOne(first), true, JSON.stringify(first));
    assertEquals(second, first);
  });
}

Deno.test("a restarted node has new state at the top level of its modules", async () => {
  const program = await load({
    "main.ts": `let count = 0; const next = () => ++count; ${ECHO_AND_LOG}`,
  });
  const run = await simulate(program, workloads.echo, {
    nodes: 1,
    timeLimitSeconds: 4,
    ratePerSecond: 5,
    script: async ({ sleep, kill, restart }) => {
      await sleep(2000);

      await kill("n0");
      await restart("n0");
      await sleep(1500);
    },
  });
  const lines = run.node("n0").log.map(({ line }) => line);
  assertEquals(lines.filter((line) => line === "1").length, 2, lines.join());
});

Deno.test("nodes without state at the top level share one instance", async () => {
  const program = await load({
    "main.ts": `class Shared {} const next = () => Shared === (Array.last ??= Shared);` +
      ECHO_AND_LOG.replace("Array.last", "Array.last"),
  });
  const run = await simulate(program, workloads.echo, {
    nodes: 2,
    timeLimitSeconds: 2,
    ratePerSecond: 4,
  });
  Reflect.deleteProperty(Array, "last");
  assertEquals([...new Set(run.log.map(({ line }) => line))], ["true"]);
});

Deno.test("modules may use the whole language", async () => {
  const logs = await logsOf({
    "main.ts": `#!/usr/bin/env -S deno run
      import { type Node, schema } from "LIBRARY";
      import settings from "./settings.json" with { type: "json" };
      import * as path from "node:path";
      enum Kind { A = 3 }
      namespace N { export const n = 1; }
      class P { constructor(private readonly p: number) {} get q() { return this.p; } }
      const next = () => [Kind.A, N.n, new P(2).q, settings.s, path.basename("a/b"),
        import.meta.filename.endsWith("main.ts"), import.meta.main].join();
      export default function (node: Node) {
        node.on("echo", { echo: schema.json }, ({ echo }) => {
          node.log(next());
          return { type: "echo_ok", echo };
        });
      }
      if (import.meta.main) await new Promise(() => {});`,
    "settings.json": '{ "s": "text" }',
  });
  assertEquals([...new Set(logs.flat())], ["3,1,2,text,b,true,false"]);
});

async function explanationOf(run: Promise<SimulationResult>): Promise<string> {
  return JSON.stringify((await run).results.nodes);
}

const endless: Readonly<Record<string, string>> = {
  "an empty loop": "for (;;);",
  "a loop that waits for nothing": "for (;;) await null;",
  "a loop that catches all": "for (;;) { try { for (;;); } catch { /* again */ } }",
  "promises that follow each other":
    "const again = () => Promise.resolve().then(again); await again();",
  "a loop in a callback": "[1].forEach(() => { while (true); });",
};
for (const [name, code] of Object.entries(endless)) {
  Deno.test(`${name} in a handler ends the run at its location`, async () => {
    const program = await load({
      "main.ts": `export default function (node) {
        node.on("echo", async ({ echo }) => {
          ${code}
          return { type: "echo_ok", echo };
        });
      }`,
    });
    const explanation = await explanationOf(
      simulate(program, workloads.echo, { nodes: 1, timeLimitSeconds: 5, ratePerSecond: 5 }),
    );
    assertMatch(explanation, /ended the run with seed 0: it did not yield after \d+ ms/);
    assertMatch(explanation, /main\.ts:3:\d+/);
  });
}

Deno.test("the steps of an event do not count for the next one", async () => {
  const program = await load({
    "main.ts": `export default function (node) {
      node.on("echo", ({ echo }) => {
        for (let n = 0; n < 3_000_000; n++);
        return { type: "echo_ok", echo };
      });
    }`,
  });
  const run = await simulate(program, workloads.echo, {
    nodes: 1,
    timeLimitSeconds: 2,
    ratePerSecond: 5,
  });
  run.expectValid();
});

async function loadError(text: string): Promise<string> {
  return (await assertRejects(() => load({ "main.ts": text }), StartError)).message;
}

Deno.test("a module that cannot be imported is a StartError with the location", async () => {
  const endless = await loadError("export default () => {};\nwhile (true);");
  assertMatch(endless, /EndlessLoopError: .*\n {4}at .*main\.ts:2:\d+\n when it is imported/);
  assertMatch(await loadError("const a = 1;\n\nfail(a);"), /ReferenceError[^]*main\.ts:3:1/);
  assertStringIncludes(await loadError('import "./missing.ts";'), "missing.ts");
  assertStringIncludes(await loadError('import "node:missing";'), "node:missing");
  assertStringIncludes(
    await loadError('import { nothing } from "LIBRARY"; export default nothing;'),
    "nothing",
  );
  assertMatch(await loadError("process.exit(3);"), /calls Deno\.exit\(3\) when it is imported/);
  assertMatch(
    await loadError('import { serve } from "LIBRARY"; await serve(() => {});'),
    /when it is imported. Does the module call serve\(\)/,
  );
});

Deno.test("a module that fails in a node ends the node with its location", async () => {
  const program = await load({
    "main.ts": `export const random = Math.random();
if (Deno.args.includes("--fail")) throw new Error("planted");
export default Object.assign(() => {}, { flags: {} });`,
  });
  const error = await assertRejects(() =>
    simulate(program, workloads.echo, { nodes: 1, args: ["--fail"], timeLimitSeconds: 1 })
  );
  assertMatch((error as Error).message, /Error: planted\n.*main\.ts:2:\d+/);
});

Deno.test("an import reads the same time and random numbers in every run", async () => {
  const modules = {
    "main.ts": `const seen = [Date.now(), Math.random(), Deno.pid].join();
      const next = () => seen; ${ECHO_AND_LOG}`,
  };
  const [first, second] = [await logsOf(modules), await logsOf(modules)];
  assertEquals(second, first);
  assertMatch(first[0]?.[0] ?? "", /^1735689600000,0\.\d+,1$/);
  assertEquals(first[0]?.[0] === first[1]?.[0], false, "each node draws its own numbers");
});

Deno.test("an import that the simulation could not load before it starts is refused by name", async () => {
  for (const code of ["import(name)", "eval('import(name)')"]) {
    const logs = await logsOf({
      "main.ts": `export default function (node) {
        const name = "./count.ts";
        node.on("echo", async ({ echo }) => {
          await ${code}.catch((error) => node.log(error.message));
          return { type: "echo_ok", echo };
        });
      }`,
    });
    for (const [line] of logs) assertStringIncludes(line ?? "", 'cannot import "./count.ts"', code);
  }
});
