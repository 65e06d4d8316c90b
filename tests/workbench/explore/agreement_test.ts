import { assert, assertEquals } from "std/testing";
import type { Operation } from "../../../lib/history/mod.ts";
import { checkAgreement } from "../../../lib/workbench/explore/agreement.ts";
import { type FinalState, findWorkload } from "../../../lib/workload/mod.ts";

type Part = Pick<Operation, "process" | "type" | "f" | "value"> & Partial<Operation>;

function history(...parts: readonly Part[]): Operation[] {
  return parts.map((part, index) => ({ index, time: index, ...part }));
}

function stateOf(workload: string, main: readonly Operation[]): FinalState {
  return findWorkload(workload)?.reads?.finalState?.(main) as FinalState;
}

/** Returns the messages about three nodes with a worker each. */
function messages(workload: string, main: readonly Operation[], final: readonly Operation[]) {
  const verdict = checkAgreement(final, stateOf(workload, main), {
    concurrency: 3,
    nodes: ["n0", "n1", "n2"],
    mayNeverSucceed: ["crash"],
  });
  assertEquals(verdict["maelstrom-valid?"], verdict["valid?"] === true ? undefined : true);
  return (verdict.explanations ?? []).map(({ message }) => message);
}

const read = (process: number, value: unknown, more: Partial<Operation> = {}): Part => ({
  process,
  type: "ok",
  f: "read",
  value,
  ...more,
});

Deno.test("a set's element must be shown by every node, in whichever order they are read", () => {
  const main = history({ process: 0, type: "ok", f: "broadcast", value: 3 });
  assertEquals(messages("broadcast", main, history(read(0, [3]), read(1, [3]), read(2, [3]))), []);
  const missed = ["n1 never showed 3, which n0 acknowledged"];
  assertEquals(
    messages("broadcast", main, history(read(0, [3]), read(1, []), read(2, [3]))),
    missed,
  );
  assertEquals(
    messages("broadcast", main, history(read(1, []), read(0, [3]), read(2, [3]))),
    missed,
  );
  assertEquals(messages("broadcast", [], history(read(0, []), read(1, [7]))), [
    "n0 never showed 7, which n1 showed",
  ]);
});

Deno.test("a worker with a final operation that failed is not judged", () => {
  const final = history(read(0, [3]), read(1, null, { type: "info" }), read(4, []));
  assertEquals(messages("g-set", [], final), []);
});

Deno.test("all nodes must show the same sum of a counter", () => {
  assertEquals(messages("g-counter", [], history(read(0, 5), read(1, 5))), []);
  assertEquals(messages("g-counter", [], history(read(0, 5), read(2, 6))), [
    "the counter is 5 on n0 and 6 on n2",
  ]);
});

Deno.test("registers must be equal where all keys are read, and only there", () => {
  const main = history({ process: 0, type: "ok", f: "txn", value: [["w", 1, 7], ["r", 2, null]] });
  const state = stateOf("txn-rw-register", main);
  assertEquals(state.first?.value, [["r", 1, null], ["r", 2, null]]);
  const txn = (process: number, one: unknown, extra = state.first?.extra): Part => ({
    process,
    type: "ok",
    f: "txn",
    value: [["r", 1, one], ["r", 2, null]],
    ...(extra === undefined ? {} : { extra }),
  });
  assertEquals(messages("txn-rw-register", main, history(txn(0, 7), txn(1, 7))), []);
  assertEquals(messages("txn-rw-register", main, history(txn(0, 7), txn(1, 5))), [
    "key 1 is 7 on n0 and 5 on n1",
  ]);
  assertEquals(messages("txn-rw-register", main, history(txn(0, 7), txn(1, 7), txn(1, 9, {}))), []);
});

Deno.test("every client must reach the end of each log, and see the committed offsets", () => {
  const main = history(
    { process: 2, type: "ok", f: "send", value: [["send", "k", [4, 40]]] },
    { process: 0, type: "ok", f: "poll", value: [["poll", { k: [[3, 30], [4, 40]] }]] },
  );
  const final = (process: number, committed: object, polled: readonly unknown[]) => [
    { process, type: "ok", f: "committed", value: committed } as const,
    { process, type: "info", f: "crash", value: null } as const,
    { process: process + 3, type: "ok", f: "poll", value: [["poll", { k: polled }]] } as const,
  ];
  const all = [[3, 30], [4, 40]];
  assertEquals(
    messages(
      "kafka",
      main,
      history(...final(0, { k: 4 }, all), ...final(1, { k: 4 }, [...all, [9, 90]])),
    ),
    [],
    "messages beyond the main phase may be polled by some clients only",
  );
  assertEquals(
    messages(
      "kafka",
      main,
      history(...final(0, { k: 4 }, all), ...final(1, {}, [[3, 30]])),
    ),
    [
      "n1 never showed the committed offset of key k, which n0 showed",
      "n1 never showed offset 4 of key k, which n2 acknowledged",
    ],
  );
  assertEquals(
    messages("kafka", main, history(...final(0, { k: 3 }, all), ...final(1, { k: 3 }, all))),
    ["the committed offset of key k is 3 on n0, although 4 was acknowledged"],
  );
});

Deno.test("integers that a double cannot hold are compared exactly", () => {
  const main = history({ process: 0, type: "ok", f: "add", value: 3 });
  const large = 2n ** 60n;
  const same = history(read(0, large), read(1, large), read(2, large));
  assertEquals(messages("g-counter", main, same), []);
  const found = messages("g-counter", main, history(read(0, large), read(1, large + 1n)));
  assertEquals(found.length, 1);
  assert(found[0]?.includes(`${large + 1n} on n1`), found[0]);
});
