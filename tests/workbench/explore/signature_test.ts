import { assert, assertEquals } from "std/testing";
import type { Operation } from "../../../lib/history/mod.ts";
import { exploreSeed, simEngineFactory } from "../../../lib/workbench/explore/mod.ts";
import { signatureOf } from "../../../lib/workbench/explore/signature.ts";
import {
  completeOptions,
  findWorkload,
  type Workload,
  workloads,
} from "../../../lib/workload/mod.ts";
import { REFERENCE_NODES } from "../../support/reference_nodes.ts";

const options = completeOptions(workloads.broadcast, { nodes: 3, concurrency: 3 });
const history = [1, 5].map((process, index): Operation => ({
  index,
  process,
  type: "ok",
  f: "read",
  time: index,
  value: null,
}));

function signature(entry: string, part: object, disagreement?: string): string {
  const verdict = { "valid?": false as const, workload: { "valid?": false, ...part } };
  return signatureOf([entry], verdict, { history, options, disagreement })[0] as string;
}

Deno.test("a signature names nodes instead of processes and operations", () => {
  const explanations = [
    { type: "other", message: "not this one" },
    { type: "twice", message: "Operation 0 (read of process 1)\n  and operation 1 differ." },
  ];
  assertEquals(
    signature("workload: twice", { explanations }),
    "Operation 0 (read at n1) and operation 1 at n2 differ.",
  );
  assertEquals(
    signature("workload: G1a", { anomalies: { G1a: [{ message: "process 5 read 7" }] } }),
    "a client of n2 read 7",
  );
  assertEquals(
    signature("workload: poll-skip", { "poll-skip": { count: 1, errs: [{ message: "skip" }] } }),
    "skip",
  );
  const linearizable = { "valid?": false, message: "operation 1 is impossible" };
  assertEquals(
    signature("workload: not linearizable", { results: new Map([[4, { linearizable }]]) }),
    "Key 4: operation 1 at n2 is impossible",
  );
});

Deno.test("a signature is one line, and a long one is cut", () => {
  const of = (message: string) =>
    signature("workload: long", { explanations: [{ type: "long", message }] });
  assertEquals(of("one\n   two \n three "), "one two three");
  const cut = of("x".repeat(10_000));
  assertEquals([cut.at(-1), cut.length < 300], ["…", true]);
  assertEquals(of("x".repeat(cut.length)), "x".repeat(cut.length));
  assertEquals(of("x".repeat(cut.length + 1)), cut);
});

Deno.test("the first message that no client polled is named with its key", () => {
  const messages = new Map<unknown, unknown[]>([["k", [[3, "a"], [4, "b"]]], ["l", [[5, "c"]]]]);
  assertEquals(
    signature("workload: unseen", { unseen: { messages } }),
    'No client ever polled [3,"a"] of key k, which was acknowledged',
  );
});

Deno.test("the key of a history that is not linearizable is the first invalid one", () => {
  const of = (valid: unknown, message: string) => ({ linearizable: { "valid?": valid, message } });
  const results = new Map([[1, of(true, "a")], [2, of("unknown", "b")], [3, of(false, "c")]]);
  assertEquals(signature("workload: not linearizable", { results }), "Key 3: c");
  assertEquals(
    signature("workload: not linearizable", { results: new Map([[1, of(true, "a")]]) }),
    "workload: not linearizable",
  );
});

Deno.test("a loss is described by what a node never shows, an unknown anomaly by its name", () => {
  const explanations = [{ type: "lost", message: "3 was in the set" }];
  const missing = "n2 never showed 3, which n0 acknowledged";
  assertEquals(signature("workload: lost", { explanations }, missing), missing);
  assertEquals(signature("workload: lost", { explanations }), "3 was in the set");
  assertEquals(signature("workload: invalid", {}), "workload: invalid");
});

Deno.test("every planted fault of the reference nodes has a signature in words", async () => {
  for (const { workload, fault, anomaly, program, options: own } of REFERENCE_NODES) {
    if (anomaly === undefined) continue;
    const { consistencyModels } = own;
    const config = {
      workload: findWorkload(workload) as Workload,
      bin: "",
      args: ["--fault", fault],
      faults: [],
      fixedOptions: consistencyModels === undefined ? {} : { consistencyModels },
    };
    for (let seed = 0;; seed++) {
      assert(seed < 15, `${workload} ${fault}: no seed failed`);
      const report = await exploreSeed(config, seed, simEngineFactory(program));
      if (report.failure.length === 0) continue;
      assertEquals(report.signature.length, report.failure.length);
      for (const [index, line] of report.signature.entries()) {
        assert(line !== report.failure[index], `${workload} ${fault}: ${line}`);
        assert(!/\bprocess\b|\n/.test(line) && line.length <= 240, line);
      }
      break;
    }
  }
});
