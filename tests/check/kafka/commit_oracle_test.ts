import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { checkKafka } from "../../../lib/check/kafka/mod.ts";
import type { History, Operation, OperationType } from "../../../lib/history/mod.ts";
import { oracleHistories } from "../../support/oracle_histories.ts";

type Pair = [offset: number, message: number];
type Offsets = Record<string, number>;

const KEYS = ["j", "k"];
const TYPES = ["nonmonotonic-commit", "phantom-commit", "unrequested-commit", "unrequested-poll"];

/** A history of assignments and polls whose results have nothing to do with each other. */
function wildHistory(random: Random): Operation[] {
  const history: Operation[] = [];
  const open = new Map<number, { f: string; value: unknown }>();
  const someKeys = () => KEYS.filter(() => random.chance(0.6));
  const add = (process: number, type: OperationType, f: string, value: unknown, extra?: object) =>
    history.push({
      index: history.length,
      time: history.length,
      type,
      process,
      f,
      value,
      ...(extra === undefined ? {} : { extra: { ...extra } }),
    });
  for (let event = 0; event < 14; event++) {
    const process = random.integer(3);
    const request = open.get(process);
    if (request === undefined) {
      const isPoll = random.chance(0.5);
      const invoked = { f: isPoll ? "poll" : "assign", value: isPoll ? [["poll"]] : someKeys() };
      open.set(process, invoked);
      add(process, "invoke", invoked.f, invoked.value);
      continue;
    }
    open.delete(process);
    const type = random.chance(0.9) ? "ok" : random.chance(0.5) ? "fail" : "info";
    if (type !== "ok") add(process, type, request.f, request.value);
    else if (request.f === "poll") {
      const polled = someKeys().map((key): [string, Pair[]] => {
        const first = random.integer(3);
        const offsets = [first, first + 1].slice(0, random.integer(3));
        return [key, offsets.map((offset) => [offset, offset])];
      });
      add(process, "ok", "poll", [["poll", Object.fromEntries(polled)]]);
    } else {
      const listed = someKeys().map((key): [string, number] => [key, random.integer(6) - 1]);
      const committed = random.chance(0.8) ? { committed: Object.fromEntries(listed) } : undefined;
      add(process, "ok", "assign", request.value, committed);
    }
  }
  return history;
}

/** The types of the anomalies, by their definitions. */
function findNaively(history: History): string[] {
  const found = new Set<string>();
  history.forEach((operation, index) => {
    const { type, f, process, value } = operation;
    if (type !== "ok") return;
    const earlier = history.slice(0, index);
    const own = earlier.filter((other) => other.process === process && other.type === "ok");
    if (f === "poll") {
      const assigned = own.findLast((other) => other.f === "assign")?.value as string[] | undefined;
      const keys = Object.keys(highest(operation));
      if (assigned !== undefined && keys.some((key) => !assigned.includes(key))) {
        found.add("unrequested-poll");
      }
      return;
    }
    const listed = operation.extra?.["committed"] as Offsets | undefined;
    if (listed === undefined) return;
    const requested = value as string[];
    for (const key of requested) {
      const committed = Math.max(-1, ...own.map((other) => highest(other)[key] ?? -1));
      if (committed >= 0 && (listed[key] ?? -1) < committed) found.add("nonmonotonic-commit");
    }
    const polls = earlier.filter((other) => other.f === "poll" && other.type === "invoke")
      .map((invocation) =>
        history.slice(invocation.index + 1).find((other) => other.process === invocation.process)
      );
    const isCertain = polls.every((poll) => poll !== undefined && poll.type !== "info");
    for (const [key, offset] of Object.entries(listed)) {
      if (!requested.includes(key)) found.add("unrequested-commit");
      const committed = polls.map((poll) => poll === undefined ? -1 : highest(poll)[key] ?? -1);
      // A node may list the offset after the committed one.
      const max = Math.max(-1, ...committed.map((other) => other < 0 ? -1 : other + 1));
      if (isCertain && offset > max) found.add("phantom-commit");
    }
  });
  return [...found].sort();
}

/** The highest offset of each key with messages that an ok poll returned. */
function highest({ type, f, value }: Operation): Offsets {
  if (type !== "ok" || f !== "poll") return {};
  const [[, logs]] = value as [[string, Record<string, Pair[]>]];
  return Object.fromEntries(
    Object.entries(logs).filter(([, pairs]) => pairs.length > 0)
      .map(([key, pairs]) => [key, Math.max(...pairs.map(([offset]) => offset))]),
  );
}

Deno.test("anomalies of commits and requests are those of a naive oracle", () => {
  const counts = new Map<string, number>();
  const runs = oracleHistories(800);
  for (let seed = 0; seed < runs; seed++) {
    const history = wildHistory(new Random(`commits ${seed}`));
    const found = (checkKafka(history)["error-types"] as string[])
      .filter((type) => TYPES.includes(type));
    const expected = findNaively(history);
    const lines = history.map((operation) => JSON.stringify(operation)).join("\n");
    assertEquals(found.sort(), expected, `seed ${seed}:\n${lines}`);
    for (const type of expected) counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  for (const type of TYPES) {
    assert((counts.get(type) ?? 0) > runs / 20, JSON.stringify([...counts]));
  }
});
