/**
 * The kinds of flags that commands have: a text, a switch, a number, words out of a few.
 *
 * @module
 */

import { type Flag, Wrong } from "./flags.ts";

/** A flag with a text that is taken as it is. */
export function text(placeholder: string, help: string, short?: string): Flag<string> {
  return { placeholder, help, read: (value) => value, ...(short === undefined ? {} : { short }) };
}

/** A flag that takes no value. */
export function toggle(help: string, short?: string): Flag<boolean> {
  return { help, read: () => true, ...(short === undefined ? {} : { short }) };
}

/** A flag with another default, which its help names in brackets at the end. */
export function withDefault<T>(flag: Flag<T>, value: string): Flag<T> {
  return { ...flag, help: `${flag.help.replace(/ \([^()]*\)$/, "")} (${value})` };
}

/** The flag `--help`. */
export const help = toggle("show this", "h");

/** A flag with a number, within bounds, both included. */
export function numeric(
  placeholder: string,
  help: string,
  bounds: { readonly least: number; readonly integer?: boolean; readonly above?: boolean },
): Flag<number> {
  const { least, integer = false, above = false } = bounds;
  const kind = integer ? "an integer" : "a number";
  const expectation = above ? `${kind} above ${least}` : `${kind} from ${least}`;
  return {
    placeholder,
    help,
    read(value) {
      const number = Number(value);
      const right = value.trim() !== "" && Number.isFinite(number) &&
        (above ? number > least : number >= least) && (!integer || Number.isInteger(number));
      return right ? number : new Wrong(expectation);
    },
  };
}

/** A flag with one of a few words. */
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
      words.find((word) => word === value) ?? new Wrong(`one of ${words.join(", ")}`),
  };
}

/** A flag with words separated by commas, each one of a few. */
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
        : new Wrong(`words out of ${words.join(", ")}, separated by commas`);
    },
  };
}
