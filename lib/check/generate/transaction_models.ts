/**
 * Reference models of serial databases: of lists with appends, and of registers.
 *
 * @module
 */

import type { Random } from "../../base/mod.ts";
import type { ReferenceModel, Request } from "./generate_history.ts";
import { KeyWindow } from "./key_window.ts";

type MicroOperation = readonly [f: string, key: number, argument: unknown];

const KEYS = 10;
const WRITES_PER_KEY = 16;
const MAX_MICRO_OPERATIONS = 4;

/** Returns a model with transactions of `["r", key, null]` and `["append", key, element]`. */
export function listAppendModel(): ReferenceModel {
  const window = new KeyWindow(KEYS, WRITES_PER_KEY);
  const lists = new Map<number, number[]>();
  return {
    request: (random) => transaction(random, window, "append"),
    perform: ({ value }) =>
      (value as MicroOperation[]).map(([f, key, argument]) => {
        if (f === "r") return [f, key, lists.has(key) ? [...lists.get(key) ?? []] : null];
        const list = lists.get(key);
        if (list === undefined) lists.set(key, [argument as number]);
        else list.push(argument as number);
        return [f, key, argument];
      }),
  };
}

/** Returns a model with transactions of `["r", key, null]` and `["w", key, value]`. */
export function rwRegisterModel(): ReferenceModel {
  const window = new KeyWindow(KEYS, WRITES_PER_KEY);
  const registers = new Map<number, unknown>();
  return {
    request: (random) => transaction(random, window, "w"),
    perform: ({ value }) =>
      (value as MicroOperation[]).map(([f, key, argument]) => {
        if (f === "r") return [f, key, registers.get(key) ?? null];
        registers.set(key, argument);
        return [f, key, argument];
      }),
  };
}

function transaction(random: Random, window: KeyWindow, write: string): Request {
  const length = 1 + random.integer(MAX_MICRO_OPERATIONS);
  const value = Array.from(
    { length },
    () =>
      random.chance(0.5)
        ? ["r", window.pick(random), null]
        : [write, ...window.pickForWrite(random)],
  );
  return { f: "txn", value };
}
