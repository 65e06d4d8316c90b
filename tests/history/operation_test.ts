import { assertEquals } from "std/testing";
import {
  decodeHistoryEdn,
  isClientOperation,
  isOperation,
  pairOperations,
} from "../../lib/history/mod.ts";

const history = decodeHistoryEdn(
  `{:index 0, :time 0, :type :invoke, :process 0, :f :read, :value nil}
   {:index 1, :time 1, :type :info, :process :nemesis, :f :start-partition, :value nil}
   {:index 2, :time 2, :type :invoke, :process 1, :f :read, :value nil}
   {:index 3, :time 3, :type :ok, :process 1, :f :read, :value [1]}
   {:index 4, :time 4, :type :invoke, :process 1, :f :read, :value nil}
   {:index 5, :time 5, :type :info, :process 0, :f :read, :value nil}`,
  "h",
);

Deno.test("pairOperations pairs invocations with completions, in the order of invocation", () => {
  const pairs = pairOperations(history).map(({ invocation, completion }) => [
    invocation.index,
    completion?.index,
  ]);
  assertEquals(pairs, [[0, 5], [2, 3], [4, undefined]]);
});

Deno.test("isClientOperation excludes the nemesis", () => {
  assertEquals(history.filter(isClientOperation).map(({ index }) => index), [0, 2, 3, 4, 5]);
});

Deno.test("isOperation accepts only operations", () => {
  assertEquals(history.every(isOperation), true);
  for (const other of [null, 1, "ok", [], {}, { type: "ok", f: "read" }]) {
    assertEquals(isOperation(other), false);
  }
});
