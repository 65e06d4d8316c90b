import { assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { generateHistory, renumber, setModel } from "../../lib/testing/mod.ts";
import { checkSetFull, quantiles, type Verdict } from "../../lib/check/mod.ts";
import type { History, Operation } from "../../lib/history/mod.ts";
import { setFullOracle } from "./set_full_oracle.ts";
import { oracleHistories } from "../support/oracle_histories.ts";

Deno.test("set-full: agrees with the definition on every element", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const history = wildHistory(new Random(seed));
      const verdict = checkSetFull(history);
      const oracle = setFullOracle(history);
      const outcomes = [...oracle.values()];
      const elementsWith = (outcome: string) =>
        [...oracle].filter(([, found]) => found.outcome === outcome)
          .map(([element]) => element as number).sort((a, b) => a - b);
      assertEquals(verdict["lost"], elementsWith("lost"));
      assertEquals(verdict["never-read"], elementsWith("never-read"));
      assertEquals(verdict["stable-count"], elementsWith("stable").length);
      const latencies = (which: "stableLatency" | "lostLatency") =>
        quantiles(outcomes.map((found) => found[which]).filter((latency) => latency !== null));
      assertEquals(verdict["stable-latencies"], latencies("stableLatency"));
      assertEquals(verdict["lost-latencies"], latencies("lostLatency"));
      assertEquals(verdict["duplicated"], duplicatesOf(history));
      assertEquals(verdict["aborted"] ?? [], abortedOf(history));
    }),
    { seed: 71, numRuns: oracleHistories(1500) },
  );
});

Deno.test("set-full: histories of a correct set have no anomalies", () => {
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

/**
 * Plants one anomaly in the history of a correct set; returns undefined if the history lacks the
 * operation for it.
 */
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

for (const [anomaly, plant] of Object.entries(plants)) {
  Deno.test(`set-full: a single planted anomaly is found: ${anomaly}`, () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = new Random(seed);
        const history = generateHistory(random, setModel(), { operations: 30, processes: 3 });
        const broken = plant(history, random);
        if (broken === undefined) return;
        const verdict: Verdict = checkSetFull(broken);
        assertEquals(verdict["valid?"], false);
        const found = verdict["explanations"] as { type: string }[];
        assertEquals(found.some(({ type }) => anomaly.startsWith(type)), true);
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

/** A random history whose reads contain random elements: duplicated, phantom or vanishing ones. */
function wildHistory(random: Random): History {
  const history: Operation[] = [];
  const open = new Map<number, Operation>();
  const processes = [0, 1, 2];
  let nextElement = 0;
  let nextProcess = 3;
  for (let event = 0; event < 40; event++) {
    const index = random.integer(processes.length);
    const process = processes[index] as number;
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
    if (type === "info") processes[index] = nextProcess++;
  }
  return renumber(history).map((operation) => ({
    ...operation,
    time: operation.time * 3 + random.integer(3_000_000),
  }));
}

/** Returns a new element, or sometimes one that was added before. */
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

/** The elements that are read although their addition, the last one if there are two, failed. */
function abortedOf(history: History): unknown[] {
  const additions = history.filter(({ f, type }) => f === "add" && type === "invoke");
  return additions.filter(({ value, process, index }, at) => {
    if (additions.slice(at + 1).some((later) => later.value === value)) return false;
    const completion = history.find((other) => other.index > index && other.process === process);
    return completion?.type === "fail" &&
      history.some((read) =>
        read.f === "read" && read.type === "ok" && read.index > index &&
        (read.value as unknown[]).includes(value)
      );
  }).map(({ value }) => value).sort((a, b) => (a as number) - (b as number));
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
