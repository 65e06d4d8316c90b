/**
 * Reference models, one for each workload.
 *
 * @module
 */

import { DEFINITE_FAILURE, type ReferenceModel } from "./generate_history.ts";

/** Returns a model of a set with elements 0, 1, 2, …; `addition` is the function that adds one. */
export function setModel(addition = "add", readChance = 0.5): ReferenceModel {
  const elements: number[] = [];
  let next = 0;
  return {
    request: (random) =>
      random.chance(readChance) ? { f: "read", value: null } : { f: addition, value: next++ },
    perform({ f, value }) {
      if (f === "read") return [...elements];
      elements.push(value as number);
      return value;
    },
    final: { f: "read", value: null },
  };
}

/** Returns a model of a pn-counter: additions of −5 to 4. */
export function counterModel(readChance = 0.5): ReferenceModel {
  let sum = 0;
  return {
    request: (random) =>
      random.chance(readChance)
        ? { f: "read", value: null }
        : { f: "add", value: random.integer(10) - 5 },
    perform({ f, value }) {
      if (f === "read") return sum;
      sum += value as number;
      return value;
    },
    final: { f: "read", value: null },
  };
}

/** Returns a model of a generator of ids such as `n1-17`. */
export function uniqueIdsModel(nodes = 3): ReferenceModel {
  let next = 0;
  return {
    request: () => ({ f: "generate", value: null }),
    perform: () => `n${next % nodes}-${next++}`,
  };
}

/** Returns a model of an echo server. */
export function echoModel(): ReferenceModel {
  let messages = 0;
  return {
    request: (random) => ({ f: "echo", value: `Please echo ${random.integer(128)}` }),
    perform: ({ value }) => ({ type: "echo_ok", echo: value, in_reply_to: ++messages }),
  };
}

/** Returns a model of the registers of `lin-kv`: read, write and cas of values 0 to 4. */
export function registersModel(keys: number): ReferenceModel {
  const values: (number | null)[] = new Array(keys).fill(null);
  return {
    request(random) {
      const key = random.integer(keys);
      if (random.chance(0.5)) return { f: "read", value: [key, null] };
      const to = random.integer(5);
      return random.chance(0.5)
        ? { f: "write", value: [key, to] }
        : { f: "cas", value: [key, [random.integer(5), to]] };
    },
    perform({ f, value }) {
      const [key, argument] = value as [number, unknown];
      if (f === "read") return [key, values[key] ?? null];
      if (f === "write") {
        values[key] = argument as number;
        return value;
      }
      const [from, to] = argument as [number, number];
      if (values[key] !== from) return DEFINITE_FAILURE;
      values[key] = to;
      return value;
    },
  };
}
