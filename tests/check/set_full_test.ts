import { assertEquals, assertThrows } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { generateHistory, setModel } from "../../lib/check/generate/mod.ts";
import { checkSetFull, quantiles, type Verdict } from "../../lib/check/mod.ts";
import type { History, Operation } from "../../lib/history/mod.ts";
import { parseHistory, renumber } from "./notation.ts";
import { setFullOracle } from "./set_full_oracle.ts";

const cases: Readonly<Record<string, [history: string, expected: Record<string, unknown>]>> = {
  "an element that every later read holds is stable": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]",
    { "valid?": true, "stable-count": 1, "stable-latencies": quantiles([0]) },
  ],
  "an element that later reads never hold is lost": [
    "0 add 1; 0 ok; 1 read; 1 ok []",
    { "valid?": false, lost: [1], "lost-count": 1, "lost-latencies": quantiles([0]) },
  ],
  "an element that was seen and then vanishes is lost, and the time it was there is told": [
    "0 add 1 @10; 0 ok @20; 1 read @30; 1 ok [1] @40; 1 read @50; 1 ok [] @60",
    {
      "valid?": false,
      lost: [1],
      "lost-latencies": quantiles([10]),
      "flickering-count": 1,
      flickering: [1],
    },
  ],
  "an element that is late is stale, and its latency ends with the last read that missed it": [
    "0 add 1 @0; 0 ok @10; 1 read @35; 1 ok [] @36; 1 read @50; 1 ok [1] @51",
    { "valid?": true, stale: [1], "stale-count": 1, "stable-latencies": quantiles([25]) },
  ],
  "a latency ends one nanosecond after the read that missed the element, as in Jepsen": [
    "0 add 1 @0; 0 ok @10; 1 read @34.999999; 1 ok [] @36; 1 read @50; 1 ok [1] @51",
    { "valid?": true, "stable-latencies": quantiles([25]) },
  ],
  "an element that flickers and settles is stable, with a warning": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 ok []; 1 read; 1 ok [1]",
    { "valid?": true, "stable-count": 1, flickering: [1], "flickering-count": 1 },
  ],
  "two nodes that learn of an element at different times are no flicker": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 2 read; 2 ok []; 2 read; 2 ok [1]",
    { "valid?": true, "stable-count": 1, "flickering-count": undefined },
  ],
  "a read that overlaps with the addition may miss it": [
    "1 read; 0 add 1; 0 ok; 1 ok []; 1 read; 1 ok [1]",
    { "valid?": true, "stable-latencies": quantiles([0]) },
  ],
  "an element is never read when no read begins after it was known": [
    "1 read; 0 add 1; 0 ok; 1 ok []",
    { "valid?": "unknown", "never-read": [1], "never-read-count": 1 },
  ],
  "an addition of unknown outcome may be missing": [
    "0 add 1; 0 info; 1 add 2; 1 ok; 1 read; 1 ok [2]",
    { "valid?": true, "never-read": [1], "stable-count": 1, "attempt-count": 2 },
  ],
  "an addition of unknown outcome that was seen once must stay": [
    "0 add 1; 0 info; 1 read; 1 ok [1]; 1 read; 1 ok []",
    { "valid?": false, lost: [1] },
  ],
  "a history without reads decides nothing": [
    "0 add 1; 0 ok",
    { "valid?": "unknown", "never-read": [1], "attempt-count": 1 },
  ],
  "the latest-invoked read counts, not the latest to complete": [
    "0 add 1; 0 ok; 1 read; 2 read; 2 ok [1]; 1 ok []",
    { "valid?": true, "stable-count": 1, lost: [] },
  ],
  "failed and unfinished reads say nothing": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 fail; 2 read; 2 info; 3 read",
    { "valid?": true, "stable-count": 1 },
  ],
  "an element that one read holds twice is invalid, though Maelstrom does not look": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 1]",
    {
      "valid?": false,
      "maelstrom-valid?": true,
      "duplicated-count": 1,
      duplicated: new Map([[1, 2]]),
    },
  ],
  "duplicates are counted by the worst read": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 1]; 1 read; 1 ok [1, 1, 1]; 1 read; 1 ok [1, 1]",
    { "valid?": false, "maelstrom-valid?": true, duplicated: new Map([[1, 3]]) },
  ],
  "an element that nobody sent is invalid, though Maelstrom does not look": [
    "0 add 1; 0 ok; 1 read; 1 ok [1, 9]",
    { "valid?": false, "maelstrom-valid?": true, strangers: [9], "stranger-count": 1 },
  ],
  "an element that is read before it is sent is a stranger, and judged from then on": [
    "1 read; 1 ok [7]; 0 add 7; 0 ok; 1 read; 1 ok [7]",
    {
      "valid?": false,
      "maelstrom-valid?": true,
      strangers: [7],
      "stable-count": 1,
      "attempt-count": 1,
    },
  ],
  "a process that takes over after an unknown outcome reads on": [
    "0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 info; 5 read; 5 ok []",
    { "valid?": false, lost: [1], "flickering-count": undefined },
  ],
  "elements may be any JSON": [
    `0 add {"a": 1, "b": [2]}; 0 ok; 0 add "x"; 0 ok; 0 add null; 0 ok
     1 read; 1 ok [null, {"b": [2], "a": 1}, "x"]`,
    { "valid?": true, "maelstrom-valid?": "unknown", "stable-count": 3 },
  ],
  '1 and "1" are different elements': [
    `0 add 1; 0 ok; 0 add "1"; 0 ok; 1 read; 1 ok [1]`,
    { "valid?": false, lost: ["1"], "maelstrom-valid?": "unknown" },
  ],
  "lost elements come in order": [
    `0 add 10; 0 ok; 0 add 9; 0 ok; 0 add 2; 0 ok; 1 read; 1 ok []`,
    { "valid?": false, lost: [2, 9, 10] },
  ],
};

for (const [behaviour, [text, expected]] of Object.entries(cases)) {
  Deno.test(`set-full: ${behaviour}`, () => {
    const verdict = checkSetFull(parseHistory(text));
    for (const [key, value] of Object.entries(expected)) assertEquals(verdict[key], value, key);
    if (!("maelstrom-valid?" in expected)) assertEquals(verdict["maelstrom-valid?"], undefined);
  });
}

Deno.test("set-full: broadcast's additions are called broadcast", () => {
  const history = parseHistory("0 broadcast 1; 0 ok; 1 read; 1 ok []; 2 add 5; 2 ok");
  assertEquals(checkSetFull(history, { addition: "broadcast" })["lost"], [1]);
});

Deno.test("set-full: a loss is explained by the operations that prove it", () => {
  const history = parseHistory("0 add 1; 0 ok; 1 read; 1 ok [1]; 1 read; 1 ok []");
  const [loss, flicker] = checkSetFull(history)["explanations"] as Record<string, unknown>[];
  assertEquals(loss, {
    type: "lost",
    message: "1 was in the set by operation 1 (add of process 0), the last read to hold it was " +
      "invoked as operation 2, and the read invoked as operation 4 does not hold it any more.",
    element: 1,
    known: history[1],
    "last-present": history[2],
    "last-absent": history[4],
  });
  assertEquals(flicker?.["type"], "flickering");
});

Deno.test("set-full: a read that is no list cannot be judged", () => {
  assertThrows(
    () => checkSetFull(parseHistory("1 read; 1 ok 5")),
    TypeError,
    "operation 1 is an ok read, but its value is no list",
  );
});

Deno.test("set-full: says of every element what the definition says", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const history = wildHistory(new Random(seed));
      const verdict = checkSetFull(history);
      const oracle = setFullOracle(history);
      const outcomes = [...oracle.values()];
      const where = (outcome: string) =>
        [...oracle].filter(([, found]) => found.outcome === outcome)
          .map(([element]) => element as number).sort((a, b) => a - b);
      assertEquals(verdict["lost"], where("lost"));
      assertEquals(verdict["never-read"], where("never-read"));
      assertEquals(verdict["stable-count"], where("stable").length);
      const latencies = (which: "stableLatency" | "lostLatency") =>
        quantiles(outcomes.map((found) => found[which]).filter((latency) => latency !== null));
      assertEquals(verdict["stable-latencies"], latencies("stableLatency"));
      assertEquals(verdict["lost-latencies"], latencies("lostLatency"));
      assertEquals(verdict["duplicated"], duplicatesOf(history));
    }),
    { seed: 71, numRuns: 1500 },
  );
});

Deno.test("set-full: a correct set is never blamed", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const history = generateHistory(random, setModel(), {
        operations: 40,
        processes: 1 + random.integer(5),
        infoChance: 0.05,
        failChance: 0.05,
      });
      const verdict = checkSetFull(history);
      assertEquals(verdict["valid?"], Number(verdict["stable-count"]) > 0 ? true : "unknown");
      assertEquals(verdict["explanations"], undefined);
    }),
    { seed: 72, numRuns: 400 },
  );
});

/** Faults, each planted once in the history of a correct set; undefined where there is no room. */
const plants: Readonly<Record<string, (history: History, random: Random) => History | undefined>> =
  {
    lost(history, random) {
      const known = history.filter(({ f, type }) => f === "add" && type === "ok");
      if (known.length === 0) return undefined;
      const { value: element, index } = random.pick(known);
      return changeReads(
        history,
        (read) => read.index > index,
        (elements) => elements.filter((other) => other !== element),
      );
    },
    duplicated(history, random) {
      const reads = history.filter(isFilledRead);
      if (reads.length === 0) return undefined;
      const { index } = random.pick(reads);
      return changeReads(history, (read) => read.index === index, (elements) => [
        ...elements,
        random.pick(elements),
      ]);
    },
    strangers(history, random) {
      const { index } = random.pick(history.filter(({ f, type }) => f === "read" && type === "ok"));
      return changeReads(history, (read) => read.index === index, (elements) => [...elements, -1]);
    },
  };

for (const [fault, plant] of Object.entries(plants)) {
  Deno.test(`set-full: a single planted fault is found: ${fault}`, () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const history = generateHistory(random, setModel(), { operations: 30, processes: 3 });
        const broken = plant(history, random);
        if (broken === undefined) return;
        const verdict: Verdict = checkSetFull(broken);
        assertEquals(verdict["valid?"], false);
        const found = verdict["explanations"] as { type: string }[];
        assertEquals(found.some(({ type }) => fault.startsWith(type)), true);
      }),
      { seed: 73, numRuns: 300 },
    );
  });
}

function isFilledRead({ f, type, value }: Operation): boolean {
  return f === "read" && type === "ok" && (value as unknown[]).length > 0;
}

function changeReads(
  history: History,
  which: (read: Operation) => boolean,
  change: (elements: readonly unknown[]) => unknown[],
): History {
  return history.map((operation) =>
    operation.f === "read" && operation.type === "ok" && which(operation)
      ? { ...operation, value: change(operation.value as unknown[]) }
      : operation
  );
}

/** Operations in any order, with reads of anything: elements come and go, twice, or too early. */
function wildHistory(random: Random): History {
  const history: Operation[] = [];
  const open = new Map<number, Operation>();
  const processes = [0, 1, 2];
  let nextElement = 0;
  let nextProcess = 3;
  for (let event = 0; event < 40; event++) {
    const place = random.integer(processes.length);
    const process = processes[place] as number;
    const invocation = open.get(process);
    const base = { index: event, time: 0, process };
    if (invocation === undefined) {
      const operation: Operation = random.chance(0.5)
        ? { ...base, type: "invoke", f: "read", value: null }
        : { ...base, type: "invoke", f: "add", value: addedElement(random, nextElement++) };
      open.set(process, operation);
      history.push(operation);
      continue;
    }
    const type = random.chance(0.8) ? "ok" : random.chance(0.5) ? "fail" : "info";
    const value = invocation.f === "read" ? wildRead(random, nextElement) : invocation.value;
    history.push({ ...base, type, f: invocation.f, value });
    open.delete(process);
    if (type === "info") processes[place] = nextProcess++;
  }
  return renumber(history).map((operation) => ({
    ...operation,
    time: operation.time * 3 + random.integer(3_000_000),
  }));
}

/** Mostly a new element; now and then one that was added before. */
function addedElement(random: Random, next: number): number {
  return next > 0 && random.chance(0.1) ? random.integer(next) : next;
}

function wildRead(random: Random, elements: number): number[] {
  const read: number[] = [];
  for (let element = 0; element < elements + 1; element++) {
    if (random.chance(0.6)) read.push(element);
    if (random.chance(0.04)) read.push(element);
  }
  return random.chance(0.3) ? random.shuffle(read) : read;
}

function duplicatesOf(history: History): Map<unknown, number> {
  const worst = new Map<unknown, number>();
  for (const { f, type, value } of history) {
    if (f !== "read" || type !== "ok") continue;
    for (const element of value as unknown[]) {
      const copies = (value as unknown[]).filter((other) => other === element).length;
      if (copies > (worst.get(element) ?? 1)) worst.set(element, copies);
    }
  }
  return new Map([...worst].sort(([a], [b]) => (a as number) - (b as number)));
}
