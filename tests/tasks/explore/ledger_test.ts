import { assert, assertEquals, assertStringIncludes, assertThrows } from "std/testing";
import fc from "fast-check";
import { UsageError } from "../../../lib/base/mod.ts";
import {
  decodeLedger,
  encodeLedger,
  isCase,
  type LedgerCase,
  type LedgerEntry,
  MAX_CASES_PER_FAILURE,
  MAX_COMMITS,
  mergeEntries,
} from "../../../tasks/explore/ledger.ts";
import { caseOf, SETUP } from "./reports.ts";

function entryOf(seed: number, changes: Partial<LedgerCase> = {}): LedgerCase {
  return {
    ok: false,
    workload: SETUP.workload,
    node: SETUP.bin,
    strategy: SETUP.args,
    commit: "c0ffee",
    failure: ["workload: lost"],
    signature: ["n0 never showed 1"],
    seed: String(seed),
    seconds: 1,
    count: 2,
    found: "2026-11-01T00:00:00Z",
    at: "2026-11-01T00:00:00Z",
    shrunk: caseOf(seed),
    ...changes,
  };
}

function seedsOf(entries: readonly LedgerEntry[]): string[] {
  return entries.flatMap((entry) => isCase(entry) ? [entry.seed] : []);
}

Deno.test("a failing case is kept before one that passes, then the faster, then the older", () => {
  const later = "2026-11-02T00:00:00Z";
  const entries = [
    entryOf(1, { ok: true, seconds: 0 }),
    entryOf(2, { seconds: 2 }),
    entryOf(3, { seconds: 0.5, found: later }),
    entryOf(4, { seconds: 0.5 }),
  ];
  assertEquals(seedsOf(mergeEntries(entries)), ["4", "3", "2"]);
  assertEquals(seedsOf(mergeEntries(entries.toReversed())), ["4", "3", "2"]);
  assertEquals(seedsOf(mergeEntries([...entries.slice(0, 2), entryOf(9, { failure: ["x: y"] })])), [
    "2",
    "1",
    "9",
  ]);
});

Deno.test("the later run decides whether a case passes", () => {
  const later = { ok: true, at: "2026-11-09T00:00:00Z", commit: "decaf" };
  const [entry] = mergeEntries([entryOf(1), entryOf(1, later)]) as [LedgerCase];
  assertEquals([entry.ok, entry.commit, entry.found], [true, "decaf", entryOf(1).found]);
  const again = { ok: false, at: "2026-11-10T00:00:00Z" };
  assertEquals(mergeEntries([entryOf(1, later), entryOf(1, again)])[0]?.ok, false);
});

Deno.test("merging is commutative and idempotent, and bounded", () => {
  const time = fc.constantFrom("2026-11-01T00:00:00Z", "2026-11-02T00:00:00Z");
  const cases = fc.record({
    seed: fc.nat(5),
    ok: fc.boolean(),
    seconds: fc.constantFrom(0.5, 1),
    count: fc.nat(3),
    found: time,
    at: time,
    commit: fc.constantFrom("a", "b"),
    failure: fc.constantFrom(["workload: lost"], ["crash: crashed"]),
  }).map(({ seed, ...changes }) => entryOf(seed, changes));
  const passes = fc.record({ commit: fc.nat(40).map(String), count: fc.nat(9), at: time }).map((
    fields,
  ): LedgerEntry => ({
    ...{ ok: true, workload: "echo", node: "nodes/echo.ts", strategy: [] },
    ...fields,
  }));
  const ledger = fc.array(fc.oneof(cases, passes), { maxLength: 60 });
  fc.assert(fc.property(ledger, ledger, (one, other) => {
    const merged = mergeEntries([...one, ...other]);
    assertEquals(encodeLedger(mergeEntries([...other, ...one])), encodeLedger(merged));
    assertEquals(encodeLedger([...merged, ...merged]), encodeLedger(merged));
    for (
      const group of Map.groupBy(merged, (entry) => isCase(entry) && entry.failure[0]).values()
    ) {
      assert(
        group.length <= (isCase(group[0] as LedgerEntry) ? MAX_CASES_PER_FAILURE : MAX_COMMITS),
      );
    }
  }));
});

Deno.test("a ledger is read as it was written", () => {
  const entries = mergeEntries([
    entryOf(1),
    entryOf(2, { failure: ["x: y"], ok: true }),
    {
      ...{ ok: true, workload: "echo", node: "n.ts", strategy: [], commit: "a" },
      count: 3,
      at: "t",
    },
  ]);
  const text = encodeLedger(entries);
  assertEquals(text.trimEnd().split("\n").length, 3);
  assertEquals(decodeLedger(text, "ledger.jsonl"), entries);
});

Deno.test("a line that is not an entry is rejected by its number", () => {
  const line = encodeLedger([entryOf(1)]).trimEnd();
  const error = (text: string) =>
    assertThrows(() => decodeLedger(text, "l.jsonl"), UsageError).message;
  assertStringIncludes(
    error(`${line}\n<<<<<<< HEAD\n`),
    "l.jsonl:2 is not an entry: it is a conflict",
  );
  assertStringIncludes(error("{"), "l.jsonl:1 is not an entry: it is not valid JSON");
  assertStringIncludes(error("[]"), "the entry must be");
  assertStringIncludes(error("{}"), "l.jsonl:1 is not an entry: the entry");
  assertStringIncludes(error(line.replace('"seconds":1', '"seconds":"1"')), "seconds");
});

Deno.test("an entry whose case runs another program than it names is rejected", () => {
  const line = encodeLedger([entryOf(1)]);
  const other = line.replace('"node":"nodes/echo.ts"', '"node":"nodes/other.ts"');
  assertStringIncludes(
    assertThrows(() => decodeLedger(other, "l"), UsageError).message,
    'its case runs ["echo","nodes/echo.ts",["--x"]], expected ["echo","nodes/other.ts",["--x"]]',
  );
});
