import { assertEquals } from "std/testing";
import {
  checkCounter,
  checkCrashes,
  checkSetFull,
  mergeVerdicts,
  plainResults,
  type Verdict,
} from "../../lib/check/mod.ts";
import { decodeHistoryEdn, encodeHistoryEdn, type Operation } from "../../lib/history/mod.ts";
import { judge, type Results, simpleVectors, smallVectors, type Vector } from "./simple_vectors.ts";

/**
 * Intended differences from Maelstrom: our values, key by key. Maelstrom's checker either misses each
 * of these faults or throws. Ours reports the fault, and Maelstrom's verdict beside it.
 */
const intendedDifferences: Readonly<
  Record<string, { whole: unknown; workload: Record<string, unknown> }>
> = {
  // Maelstrom's comparison of multiplicities is never true, so it misses duplicates.
  "broadcast-read-twice": {
    whole: false,
    workload: {
      "valid?": false,
      "maelstrom-valid?": true,
      "duplicated-count": 3,
      duplicated: { "0": 2, "1": 2, "2": 2 },
    },
  },
  // Maelstrom ignores elements that were never added.
  "broadcast-stranger": {
    whole: false,
    workload: {
      "valid?": false,
      "maelstrom-valid?": true,
      "stranger-count": 1,
      strangers: [99999],
    },
  },
  // Elements that a process read and later did not read: a warning beside the loss.
  "broadcast-vanish": {
    whole: false,
    workload: { "flickering-count": 5, flickering: [3, 13, 23, 33, 43] },
  },
  // A reply that is not an integer ends its read `info`, and Maelstrom ignores `info` reads.
  "pn-counter-float-read": {
    whole: false,
    workload: { "valid?": false, "maelstrom-valid?": true },
  },
  // Maelstrom's checker throws when it compares ids of different types.
  "unique-ids-floats": {
    whole: false,
    workload: {
      "valid?": false,
      "maelstrom-valid?": "unknown",
      "attempted-count": 196,
      "acknowledged-count": 196,
      error: undefined,
    },
  },
  "unique-ids-mixed": {
    whole: false,
    workload: {
      "valid?": false,
      "maelstrom-valid?": "unknown",
      "attempted-count": 187,
      "acknowledged-count": 187,
      error: undefined,
    },
  },
};

/** The number of lines of a history that are encoded differently, and the reason. */
const linesThatDiffer: Readonly<Record<string, number>> = {
  "pn-counter-float-read": 1, // Clojure orders the nine fields of an operation differently
};

for (const vector of simpleVectors()) {
  const { name, fault, results } = vector;
  Deno.test(`${name} (${fault}) gets Maelstrom's verdict`, () => {
    const ours = judge(vector);
    if (results === undefined) return assertCrash(vector, ours);
    const intended = intendedDifferences[name];
    const theirs = results as Readonly<Record<string, unknown>>;
    assertEquals(ours["valid?"], intended === undefined ? theirs["valid?"] : intended.whole);
    for (const part of ["stats", "availability", "exceptions", "workload"]) {
      const expected = { ...results[part], ...(part === "workload" ? intended?.workload : {}) };
      for (const [key, value] of Object.entries(expected)) {
        const found = ours[part]?.[key];
        assertEquals(comparable(key, found), comparable(key, value), `${part} ${key}`);
      }
      if (part !== "workload") assertEquals(ours[part]?.["maelstrom-valid?"], undefined);
    }
  });

  Deno.test(`the history of ${name} is encoded as Maelstrom encoded it`, () => {
    const before = vector.historyText.split("\n");
    const after = encodeHistoryEdn(vector.history).split("\n");
    assertEquals(after.length, before.length);
    const different = after.filter((line, index) => line !== before[index]);
    assertEquals(different.length, linesThatDiffer[name] ?? 0, different[0]);
    assertEquals(decodeHistoryEdn(after.join("\n"), name), vector.history);
  });
}

Deno.test("every workload with a simple checker has a recorded run", () => {
  const workloads = new Set(simpleVectors().map(({ workload }) => workload));
  assertEquals([...workloads].sort(), [
    "broadcast",
    "echo",
    "g-counter",
    "g-set",
    "pn-counter",
    "unique-ids",
  ]);
});

Deno.test("small/set-full.jsonl: the verdict and every count equal Jepsen's", () => {
  for (const { id, history, verdict } of smallVectors("set-full.jsonl")) {
    const ours = checkSetFull(decodeHistoryEdn(history.join("\n"), id));
    const { valid, ...figures } = verdict as Record<string, unknown>;
    assertEquals(maelstromVerdict(ours), valid, id);
    const plain = plainResults(ours) as Record<string, unknown>;
    // Jepsen misses duplicates; ours finds all duplicates of the history.
    const { "duplicated-count": duplicated, ...rest } = figures;
    for (const [key, value] of Object.entries(rest)) {
      assertEquals(plain[key], value, `${id} ${key}`);
    }
    assertEquals(duplicated, 0);
    assertEquals(plain["duplicated-count"], countDuplicated(history, id));
  }
});

Deno.test("small/pn-counter.jsonl: the verdict, the ranges and the errors equal Maelstrom's", () => {
  for (const { id, history, verdict } of smallVectors("pn-counter.jsonl")) {
    const ours = checkCounter(decodeHistoryEdn(history.join("\n"), id));
    const { valid, acceptable, errors } = verdict as Record<string, unknown>;
    assertEquals(ours["valid?"], valid, id);
    assertEquals(ours["acceptable"], acceptable, id);
    const found = (ours["errors"] ?? []) as Operation[];
    assertEquals(found.map(({ index }) => index), errors, id);
  }
});

/** Maelstrom ends a run with a crashed node with an error; our verdict is invalid. */
function assertCrash({ exit }: Vector, ours: Results): void {
  assertEquals(exit, 255);
  assertEquals((ours as Readonly<Record<string, unknown>>)["valid?"], true);
  const crash = checkCrashes([{ node: "n0", exit: 3, stdout: [], stderr: [] }]);
  assertEquals(mergeVerdicts({ workload: ours["workload"] as Verdict, crash })["valid?"], false);
}

/** Removes irrelevant differences: the order of a hash map, set-full's name for `broadcast`. */
function comparable(key: string, value: unknown): unknown {
  if (key === "errors" && Array.isArray(value)) {
    return value.map((error) => JSON.stringify(error)).sort();
  }
  if (key === "worst-stale") {
    return (value as Record<string, Record<string, unknown> | null>[]).map((stale) => ({
      ...stale,
      known: { ...stale["known"], f: "add" },
    }));
  }
  return value;
}

function maelstromVerdict(verdict: Verdict): unknown {
  return verdict["maelstrom-valid?"] ?? verdict["valid?"];
}

function countDuplicated(lines: readonly string[], id: string): number {
  const duplicated = new Set<unknown>();
  for (const { f, type, value } of decodeHistoryEdn(lines.join("\n"), id)) {
    if (f !== "read" || type !== "ok") continue;
    const elements = value as unknown[];
    elements.forEach((element, index) => {
      if (elements.indexOf(element) !== index) duplicated.add(element);
    });
  }
  return duplicated.size;
}
