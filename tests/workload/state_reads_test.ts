import { assertEquals } from "std/testing";
import type { Operation } from "../../lib/history/mod.ts";
import { kafkaReads } from "../../lib/workload/kafka_reads.ts";
import {
  counterReads,
  keyReads,
  registerReads,
  setReads,
  transactionReads,
} from "../../lib/workload/state_reads.ts";
import { parseHistory, parseLogHistory, parseTransactions } from "../../lib/testing/mod.ts";

const transaction = (...accesses: readonly (readonly unknown[])[]) => ({
  f: "txn",
  value: accesses as never,
});

Deno.test("a transaction only reads if all its accesses do; as a read it reads the same keys", () => {
  const reads = transaction(["r", 1, null], ["r", 2, null]);
  const mixed = transaction(["r", 1, null], ["append", 2, 7]);
  assertEquals(transactionReads.isRead(reads), true);
  assertEquals(transactionReads.isRead(mixed), false);
  assertEquals(transactionReads.isRead(transaction(["w", 1, 7])), false);
  assertEquals(transactionReads.toRead?.(mixed), reads);
});

Deno.test("sets and counters read as a whole, registers by their key", () => {
  const add = { f: "add", value: 3 };
  const read = { f: "read", value: null };
  for (const reads of [setReads("add"), counterReads]) {
    assertEquals([reads.isRead(read), reads.isRead(add)], [true, false]);
    assertEquals([reads.toRead?.(read), reads.toRead?.(add)], [read, read]);
  }
  const ofKey = { f: "read", value: [4, null] };
  assertEquals(keyReads.toRead?.({ f: "cas", value: [4, [1, 2]] }), ofKey);
  assertEquals(keyReads.toRead?.(ofKey), ofKey);
  assertEquals(keyReads.finalState, undefined);
});

Deno.test("the final state of a set is its elements, with the operations that acknowledged them", () => {
  const main = parseHistory('0 add 1; 0 ok; 1 add "1"; 1 info; 2 add 3; 2 ok');
  const state = setReads("add").finalState?.(main);
  const read = parseHistory("0 read; 0 ok [1, 3]")[1] as Operation;
  const names = [...state?.observed(read) ?? []];
  assertEquals(names, [["1", true], ["3", true]]);
  assertEquals(state?.acknowledgement?.("1")?.index, 1);
  assertEquals(state?.acknowledgement?.("3")?.index, 5);
  assertEquals(state?.acknowledgement?.('"1"'), undefined);
  assertEquals([...state?.observed(main[1] as Operation) ?? []], []);
  const counter = counterReads.finalState?.(main);
  assertEquals([...counter?.observed({ ...read, value: 4 }) ?? []], [["the counter", 4]]);
  assertEquals([...counter?.observed(main[1] as Operation) ?? []], []);
});

Deno.test("the final state of registers is what a transaction reads of all keys", () => {
  const main = parseTransactions("wx1 ; ry_ wx2", "w");
  const state = registerReads.finalState?.(main);
  const all = transaction(["r", "x", null], ["r", "y", null]);
  assertEquals(state?.first, { ...all, final: true, extra: { "all-keys": true } });
  const done: Operation = {
    ...(main[3] as Operation),
    value: [["r", "x", 2], ["r", "y", null], ["w", "z", 3]],
  };
  assertEquals([...state?.observed(done) ?? []], []);
  assertEquals([...state?.observed({ ...done, extra: { "all-keys": true } }) ?? []], [
    ['key "x"', 2],
    ['key "y"', null],
  ]);
  assertEquals(registerReads.finalState?.([])?.first, undefined);
});

Deno.test("the final state of logs is their messages so far, and the offsets that polls committed", () => {
  const main = parseLogHistory(`
    0 send k:1@0
    0 send k:2@5
    1 send j:3@0
    1 assign j k
    1 poll j:3@0 k:1@0`);
  const state = kafkaReads.finalState?.(main);
  assertEquals(state?.first, { f: "committed", value: ["j", "k"], final: true });
  assertEquals(state?.leastValues, new Map([["committed j", 0], ["committed k", 0]]));
  const poll = parseLogHistory("2 poll j:3@0 j:4@1 k:2@5 k:9@6 l:1@0")[1] as Operation;
  assertEquals([...state?.observed(poll) ?? []], [["0 j", 3], ["5 k", 2]]);
  const committed = { ...poll, f: "committed", value: { j: 0, k: 5 } };
  assertEquals([...state?.observed(committed) ?? []], [["committed j", 0], ["committed k", 5]]);
  assertEquals([...state?.observed({ ...poll, f: "send", value: [["send", "k", 1]] }) ?? []], []);
  assertEquals(state?.acknowledgement?.("5 k")?.index, 3);
  assertEquals(state?.acknowledgement?.("5 j"), undefined);
  assertEquals(state?.describe?.("5 k"), "offset 5 of key k");
  assertEquals(state?.describe?.("committed k"), "the committed offset of key k");
  assertEquals(kafkaReads.isRead({ f: "send", value: null }), false);
  assertEquals(kafkaReads.isRead({ f: "poll", value: null }), true);
});
