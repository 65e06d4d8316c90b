/**
 * The types of flags: text, switch, number, one or several of a list of words.
 *
 * @module
 */

import { type Flag, Invalid } from "./flags.ts";

/** A flag with a text value. */
export function text(placeholder: string, help: string, short?: string): Flag<string> {
  return { placeholder, help, read: (value) => value, ...(short === undefined ? {} : { short }) };
}

/** A flag without a value. */
export function toggle(help: string, short?: string): Flag<boolean> {
  return { help, read: () => true, ...(short === undefined ? {} : { short }) };
}

/** Returns a flag with another default in its help, where it stands in brackets at the end. */
export function withDefault<T>(flag: Flag<T>, value: string): Flag<T> {
  return { ...flag, help: `${flag.help.replace(/ \([^()]*\)$/, "")} (${value})` };
}

/** The flag `--help`. */
export const help = toggle("show this help", "h");

/** A flag with a number from a minimum, or above it if `exclusive`. */
export function numeric(
  placeholder: string,
  help: string,
  bounds: { readonly min: number; readonly integer?: boolean; readonly exclusive?: boolean },
): Flag<number> {
  const { min, integer = false, exclusive = false } = bounds;
  const kind = integer ? "an integer" : "a number";
  const expectation = exclusive ? `${kind} above ${min}` : `${kind} from ${min}`;
  return {
    placeholder,
    help,
    read(value) {
      const number = Number(value);
      const isValid = value.trim() !== "" && Number.isFinite(number) &&
        (exclusive ? number > min : number >= min) && (!integer || Number.isInteger(number));
      return isValid ? number : new Invalid(expectation);
    },
  };
}

/** A flag with one of a list of words. */
export function oneOf<const T extends string>(
  placeholder: string,
  words: readonly T[],
  help: string,
  short?: string,
): Flag<T> {
  return {
    placeholder,
    help,
    ...(short === undefined ? {} : { short }),
    read: (value) =>
      words.find((word) => word === value) ?? new Invalid(`one of ${words.join(", ")}`),
  };
}

/** A flag with comma-separated words, each from a list. */
export function someOf(
  placeholder: string,
  words: readonly string[],
  help: string,
): Flag<readonly string[]> {
  return {
    placeholder,
    help,
    read(value) {
      const items = value.split(",").map((item) => item.trim());
      return items.every((item) => words.includes(item))
        ? [...new Set(items)]
        : new Invalid(`a comma-separated list of ${words.join(", ")}`);
    },
  };
}
