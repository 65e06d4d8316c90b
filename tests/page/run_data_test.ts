import { assertEquals } from "std/testing";
import { causalCone, filterMessages, lossOf } from "../../lib/page/app/messages.ts";
import { linearizationPoints } from "../../lib/page/app/operations.ts";
import { plotsOf } from "../../lib/page/plots.ts";
import { readRun } from "../../lib/page/run_data.ts";

const ms = (value: number) => value * 1e6;
const line = (value: unknown) => `${JSON.stringify(value)}\n`;
const operation = (
  index: number,
  time: number,
  type: string,
  process: unknown,
  f: string,
  value: unknown = null,
) => line({ index, time: ms(time), type, process, f, value });
const send = (id: number, time: number, src: string, dest: string, type: string) =>
  line({ type: "send", time: ms(time), id, src, dest, body: { type } });
const receive = (id: number, time: number) => line([id, ms(time)]);

function run(
  history: string,
  messages = "",
  options: object = { nodes: ["n0", "n1"], concurrency: 2 },
) {
  return readRun({
    test: JSON.stringify({ options, bin: "x.ts" }),
    results: "{}",
    history,
    messages,
    logs: {},
  });
}

Deno.test("operations are paired with their completions, in lanes of their workers", () => {
  const { operations } = run(
    operation(0, 1, "invoke", 0, "read") + operation(1, 2, "invoke", 3, "add", 7) +
      operation(2, 5, "info", 3, "add", 7) + operation(3, 6, "ok", 0, "read", [7]),
  );
  assertEquals(
    operations.map((
      { index, endIndex, worker, node, type, startMs, endMs, result },
    ) => [index, endIndex, worker, node, type, startMs, endMs, result]),
    [[0, 3, 0, "n0", "ok", 1, 6, [7]], [1, 2, 1, "n1", "info", 2, 5, undefined]],
  );
});

Deno.test("an operation without a completion lasts to the end of the run", () => {
  const { operations } = run(
    operation(0, 1, "invoke", 0, "read") + operation(1, 9, "invoke", 1, "read"),
  );
  assertEquals(operations.map(({ type, endMs, error }) => [type, endMs, error]), [
    ["info", 9, "never completed"],
    ["info", 9, "never completed"],
  ]);
});

Deno.test("fault bands last from a start to the next stop, or to the end of the run", () => {
  const { faults } = run(
    operation(0, 1, "info", "nemesis", "start-partition", "one") +
      operation(1, 1, "info", "nemesis", "start-partition", ["isolated", {}]) +
      operation(2, 4, "info", "nemesis", "stop-partition") +
      operation(3, 4, "info", "nemesis", "stop-partition", "network-healed") +
      operation(4, 6, "info", "nemesis", "start-kill", "n0") + operation(5, 8, "invoke", 0, "read"),
  );
  assertEquals(faults.map(({ name, startMs, endMs }) => [name, startMs, endMs]), [
    ["partition", 1, 4],
    ["kill", 6, 8],
  ]);
});

Deno.test("a process has the client whose requests leave while its operations run", () => {
  const { operations } = run(
    operation(0, 1, "invoke", 0, "read") + operation(1, 1, "invoke", 1, "read") +
      operation(2, 3, "ok", 0, "read") + operation(3, 3, "ok", 1, "read") +
      operation(4, 5, "invoke", 0, "read") + operation(5, 6, "ok", 0, "read"),
    send(0, 0, "c0", "n0", "init") + send(1, 1, "c2", "n0", "topology") +
      send(2, 1, "c5", "n1", "read") + send(3, 1, "c4", "n0", "read") +
      send(4, 5, "c4", "n0", "read"),
  );
  assertEquals(operations.map(({ client }) => client), ["c4", "c5", "c4"]);
});

// c1 → n0 (0), n0 → n1 (1, lost), n0 → n2 (2), n2 → n1 (3); n1 → n0 (4) has nothing to do with it.
const chain = run(
  "",
  send(4, 0, "n1", "n0", "noise") + send(0, 1, "c1", "n0", "request") + receive(0, 2) +
    send(1, 3, "n0", "n1", "update") + send(2, 3, "n0", "n2", "update") + receive(2, 5) +
    send(3, 6, "n2", "n1", "update") + receive(3, 8) + receive(4, 9),
).messages;
const byId = (id: number) => chain.find((message) => message.id === id)!;
const ids = (messages: Iterable<{ readonly id: number }>) =>
  [...messages].map(({ id }) => id).sort();

Deno.test("a lost message has no reception, and its cause is the active fault", () => {
  assertEquals(ids(filterMessages(chain, { node: "", type: "", clients: true, lostOnly: true })), [
    1,
  ]);
  const fault = { name: "partition", startMs: 2, endMs: 4, value: null };
  assertEquals(lossOf(byId(1), [fault]).includes("partition"), true);
  assertEquals(lossOf(byId(1), [{ ...fault, startMs: 3.5 }]).includes("partition"), false);
});

Deno.test("filters choose by node, type and client", () => {
  const all = { node: "", type: "", clients: true, lostOnly: false };
  assertEquals(ids(filterMessages(chain, { ...all, node: "n2" })), [2, 3]);
  assertEquals(ids(filterMessages(chain, { ...all, type: "update" })), [1, 2, 3]);
  assertEquals(ids(filterMessages(chain, { ...all, clients: false })), [1, 2, 3, 4]);
});

Deno.test("a causal cone follows chains of sends and receptions", () => {
  assertEquals(ids(causalCone(chain, byId(3), "past")), [0, 2, 3]);
  assertEquals(ids(causalCone(chain, byId(0), "future")), [0, 1, 2, 3]);
  assertEquals(ids(causalCone(chain, byId(4), "future")), [4]);
});

Deno.test("linearization points are in order, each within its operation", () => {
  const { operations } = run(
    operation(0, 1, "invoke", 0, "write", 1) + operation(1, 2, "invoke", 1, "read") +
      operation(2, 6, "ok", 1, "read", 1) + operation(3, 9, "ok", 0, "write", 1),
  );
  const [write, read] = operations;
  assertEquals([...linearizationPoints([read!, write!]).values()], [2, 2]);
  assertEquals([...linearizationPoints([write!, read!]).values()], [1, 2]);
});

Deno.test("plots show the run's values, and nothing of a node as markup", () => {
  const plots = plotsOf(run(
    operation(0, 0, "invoke", 0, "read") + operation(1, 7, "ok", 0, "read") +
      operation(2, 8, "info", "nemesis", "start-<b>") + operation(3, 10, "invoke", 1, "read"),
  ));
  assertEquals(Object.keys(plots), ["latency-raw.svg", "latency-quantiles.svg", "rate.svg"]);
  assertEquals(plots["latency-raw.svg"]!.match(/<circle/g)?.length, 2);
  assertEquals(plots["latency-raw.svg"]!.includes("<title>&lt;b></title>"), true);
  for (const svg of Object.values(plots)) {
    assertEquals(/NaN|Infinity|undefined/.test(svg), false, svg);
    assertEquals(svg.startsWith("<svg xmlns"), true);
  }
});

Deno.test("plots of an empty run are plots", () => {
  for (const svg of Object.values(plotsOf(run("")))) {
    assertEquals(/NaN|Infinity|undefined/.test(svg), false, svg);
  }
});
