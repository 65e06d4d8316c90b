/**
 * Reads command line flags strictly: what is not in the table is refused, and so is a dash that only
 * looks like one.
 *
 * @module
 */

import { parseArgs } from "std/flags";
import { BadArguments } from "./exit_code.ts";

/** How a flag's text is read. */
export interface Flag<T> {
  /** A one-letter name. */
  readonly short?: string;
  /** What stands for the value in the help, `SECONDS`; none for a flag that takes no value. */
  readonly placeholder?: string;
  readonly help: string;
  /** Reads the text, or says what would be right. */
  read(text: string): T | Wrong;
}

/** Says what a flag's value must be. */
export class Wrong {
  constructor(readonly expectation: string) {}
}

/** Flags by name, without the dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** The values of the flags that were given. */
export type GivenFlags<F extends FlagTable> = {
  readonly [K in keyof F]?: F[K] extends Flag<infer T> ? T : never;
};

/** A command line taken apart. */
export interface CommandLine<F extends FlagTable> {
  readonly flags: GivenFlags<F>;
  readonly positional: readonly string[];
  /** What stood after `--`. */
  readonly rest: readonly string[];
}

/** Reads a command line by a table. Throws {@link BadArguments}. */
export function readCommandLine<F extends FlagTable>(
  args: readonly string[],
  table: F,
): CommandLine<F> {
  const end = args.indexOf("--");
  const own = withNegativeValues(end < 0 ? args : args.slice(0, end), table);
  refuseOtherDashes(own);
  const names = Object.keys(table);
  const parsed = parseArgs(own, {
    string: names.filter((name) => table[name]?.placeholder !== undefined),
    boolean: names.filter((name) => table[name]?.placeholder === undefined),
    alias: Object.fromEntries(
      names.flatMap((name) => table[name]?.short === undefined ? [] : [[table[name].short, name]]),
    ),
    unknown(argument, key) {
      if (key !== undefined) throw new BadArguments(unknownFlag(argument, names));
    },
  });
  const flags: Record<string, unknown> = {};
  for (const name of names) {
    const value = last(parsed[name]);
    if (value === undefined || (value === false && !given(own, name))) continue;
    if (table[name]?.placeholder === undefined) refuseValue(own, name);
    flags[name] = readFlag(name, table[name] as Flag<unknown>, value);
  }
  return {
    flags: flags as GivenFlags<F>,
    positional: positionalOf(own, table),
    rest: end < 0 ? [] : args.slice(end + 1),
  };
}

function readFlag(name: string, flag: Flag<unknown>, given: unknown): unknown {
  if (flag.placeholder === undefined) return given === true;
  const text = String(given);
  const value = text === ""
    ? new Wrong(`a value (--${name} ${flag.placeholder})`)
    : flag.read(text);
  if (value instanceof Wrong) {
    const seen = text === "" ? "nothing" : `'${text}'`;
    throw new BadArguments(`--${name} takes ${value.expectation}, not ${seen}.`);
  }
  return value;
}

/** A flag without a value that was given one would not do what was meant. */
function refuseValue(args: readonly string[], name: string): void {
  const wrong = args.find((argument) => argument.startsWith(`--${name}=`));
  if (wrong !== undefined) throw new BadArguments(`--${name} takes no value: '${wrong}'.`);
}

/** Joins `--rate -1`: it is a wrong value, not two flags. */
function withNegativeValues(args: readonly string[], table: FlagTable): string[] {
  const joined: string[] = [];
  for (const argument of args) {
    const flag = joined.at(-1);
    if (/^-[.0-9]/.test(argument) && flag !== undefined && takesValue(flag, table)) {
      joined[joined.length - 1] = `${flag}=${argument}`;
    } else {
      joined.push(argument);
    }
  }
  return joined;
}

/** Whether an argument is a flag whose value is the next one. */
function takesValue(argument: string, table: FlagTable): boolean {
  const name = argument.startsWith("--")
    ? argument.slice(2)
    : Object.keys(table).find((name) => argument === `-${table[name]?.short}`);
  return name !== undefined && table[name]?.placeholder !== undefined;
}

/** The arguments that are neither flags nor flags' values. */
function positionalOf(args: readonly string[], table: FlagTable): string[] {
  const positional: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const argument = args[index] as string;
    if (!argument.startsWith("-") || argument === "-") {
      positional.push(argument);
      continue;
    }
    if (takesValue(argument, table) && args[index + 1]?.startsWith("-") === false) index++;
  }
  return positional;
}

function last(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

function given(args: readonly string[], name: string): boolean {
  return args.some((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
}

/** Web pages turn `--` into one long dash, which Maelstrom takes for an argument of the node. */
function refuseOtherDashes(args: readonly string[]): void {
  for (const argument of args) {
    if (/^-?[‐‑‒–—―−]/u.test(argument)) {
      throw new BadArguments(
        `'${argument}' begins with a dash that is not '-' (copied from a web page?). ` +
          `Type it as: --${argument.replace(/^[-‐‑‒–—―−]+/u, "")}`,
      );
    }
  }
}

function unknownFlag(argument: string, names: readonly string[]): string {
  const name = argument.replace(/^-+/, "").replace(/=.*$/, "");
  const near = names.filter((candidate) => distance(candidate, name) <= 2);
  const hint = near.length === 0 ? "See --help." : `Did you mean --${near.join(" or --")}?`;
  return `There is no flag '${argument}'. ${hint}`;
}

/** Levenshtein's edit distance. */
function distance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = (previous[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      const deleted = (previous[column] as number) + 1;
      current.push(Math.min(replaced, deleted, (current[column - 1] as number) + 1));
    }
    previous = current;
  }
  return previous[b.length] as number;
}

/** A help text: one line for each flag. */
export function describeFlags(table: FlagTable): string {
  const rows = Object.entries(table).map(([name, { short, placeholder, help }]) => {
    const shortName = short === undefined ? "    " : `-${short}, `;
    return [`  ${shortName}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`, help];
  });
  const width = Math.max(...rows.map(([left]) => (left as string).length)) + 2;
  return rows.map(([left, help]) => `${(left as string).padEnd(width)}${help}`).join("\n");
}
