/**
 * The types of command-line flags: text, switch, number, one or several of a list of words.
 *
 * ```ts ignore
 * const { flags } = parseFlags(["--interval", "50"], {
 *   interval: flag.number({ placeholder: "MS", help: "time between two rounds", default: 100, min: 1 }),
 * });
 * flags.interval; // 50
 * ```
 *
 * @module
 */

import type { DefaultedFlag, Flag } from "./flags.ts";

/** The options of all types of flags. */
interface Common {
  readonly placeholder: string;
  readonly help: string;
  readonly short?: string;
  /** Describes the default in the help, for a default that depends on something else. */
  readonly defaultText?: string;
}

/** Makes a flag with a text value. */
export function text(options: Common & { readonly default: string }): DefaultedFlag<string>;
/** Makes a flag with a text value that may be absent. */
export function text(options: Common): Flag<string>;
export function text(options: Common): Flag<string> {
  return { ...options, expectation: "a non-empty text", parse: (value) => value };
}

/** Makes a flag without a value: true when it is given, else false. */
export function toggle(
  options: { readonly help: string; readonly short?: string },
): DefaultedFlag<boolean> {
  return { ...options, expectation: "nothing", default: false, parse: () => undefined };
}

/** The flag `--help`. */
export const help: DefaultedFlag<boolean> = toggle({ help: "show this help", short: "h" });

/** Returns a flag with another default. */
export function withDefault<T>(flag: Flag<T>, value: T): DefaultedFlag<T> {
  const { defaultText: _, ...others } = flag;
  return { ...others, default: value };
}

/** The bounds of a number, both inclusive unless `above` is true. */
export interface NumberBounds {
  /** 0 by default. */
  readonly min?: number;
  /** Infinity by default. */
  readonly max?: number;
  /** Whether `min` itself is excluded. */
  readonly above?: boolean;
  /** Whether only integers are valid; false by default. */
  readonly integer?: boolean;
}

/** Makes a flag with a finite number within bounds. Only the default may be infinite. */
export function number(
  options: Common & NumberBounds & { readonly default: number },
): DefaultedFlag<number>;
/** Makes a flag with a finite number within bounds that may be absent. */
export function number(options: Common & NumberBounds): Flag<number>;
export function number(options: Common & NumberBounds): Flag<number> {
  const { min = 0, max = Infinity, above = false, integer = false, ...rest } = options;
  const kind = integer ? "an integer" : "a number";
  const range = `${above ? "above" : "from"} ${min}${max === Infinity ? "" : ` to ${max}`}`;
  return {
    ...rest,
    expectation: `${kind} ${range}`,
    parse(value) {
      const parsed = value.trim() === "" ? NaN : Number(value);
      const isKind = integer ? Number.isInteger(parsed) : Number.isFinite(parsed);
      const isInRange = (above ? parsed > min : parsed >= min) && parsed <= max;
      return isKind && isInRange ? parsed : undefined;
    },
  };
}

/** Makes a flag with one of a list of words. */
export function oneOf<const T extends string>(
  words: readonly [T, ...T[]],
  options: Omit<Common, "placeholder"> & {
    readonly placeholder?: string;
    readonly default: NoInfer<T>;
  },
): DefaultedFlag<T>;
/** Makes a flag with one of a list of words that may be absent. */
export function oneOf<const T extends string>(
  words: readonly T[],
  options: Omit<Common, "placeholder"> & { readonly placeholder?: string },
): Flag<T>;
export function oneOf<const T extends string>(
  words: readonly T[],
  options: Omit<Common, "placeholder"> & { readonly placeholder?: string },
): Flag<T> {
  return {
    placeholder: "NAME",
    ...options,
    expectation: `one of ${words.join(", ")}`,
    words,
    parse: (value) => words.find((word) => word === value),
  };
}

/** Makes a flag with comma-separated words, each from a list; duplicates count once. */
export function someOf(words: readonly string[], options: Common): Flag<readonly string[]> {
  return {
    ...options,
    expectation: `a comma-separated list of ${words.join(", ")}`,
    words,
    parse(value) {
      const items = value.split(",").map((item) => item.trim());
      return items.every((item) => words.includes(item)) ? [...new Set(items)] : undefined;
    },
  };
}
