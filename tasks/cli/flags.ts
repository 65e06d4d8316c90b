/**
 * Parses command-line flags strictly: rejects flags that are not in the command's table, and
 * typographic dashes.
 *
 * @module
 */

import { parseArgs } from "std/flags";
import { BadArguments } from "./exit_code.ts";

/** A flag of a command. */
export interface Flag<T> {
  /** The one-letter name, if the flag has one. */
  readonly short?: string;
  /**
   * The value's placeholder in the help, such as `SECONDS`; undefined for a flag without a value.
   */
  readonly placeholder?: string;
  readonly help: string;
  /** Parses the value; returns {@link Invalid} with the expectation when it does not parse. */
  read(text: string): T | Invalid;
}

/** The result of parsing an invalid value: what the value must be. */
export class Invalid {
  constructor(readonly expectation: string) {}
}

/** A command's flags, by name without the dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** The values of the flags that were given. */
export type GivenFlags<F extends FlagTable> = {
  readonly [K in keyof F]?: F[K] extends Flag<infer T> ? T : never;
};

/** A parsed command line. */
export interface CommandLine<F extends FlagTable> {
  readonly flags: GivenFlags<F>;
  readonly positional: readonly string[];
  /** The arguments after `--`. */
  readonly rest: readonly string[];
}

/** Whether arguments contain `--help` or `-h` before `--`. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  return own.includes("--help") || own.includes("-h");
}

/** Parses a command line with a table of flags. Throws {@link BadArguments}. */
export function readCommandLine<F extends FlagTable>(
  args: readonly string[],
  table: F,
): CommandLine<F> {
  const end = args.indexOf("--");
  const own = withNegativeValues(end < 0 ? args : args.slice(0, end), table);
  rejectTypographicDashes(own);
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
    const value = lastOf(parsed[name]);
    if (value === undefined || (value === false && !given(own, name))) continue;
    if (table[name]?.placeholder === undefined) rejectValue(own, name);
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
  if (text === "") throw new BadArguments(`--${name} needs a value: --${name} ${flag.placeholder}`);
  const value = flag.read(text);
  if (value instanceof Invalid) {
    throw new BadArguments(`--${name} must be ${value.expectation}, got "${text}"`);
  }
  return value;
}

/** Rejects `--flag=value` for a flag without a value, which the parser would ignore. */
function rejectValue(args: readonly string[], name: string): void {
  const invalid = args.find((argument) => argument.startsWith(`--${name}=`));
  if (invalid !== undefined) throw new BadArguments(`--${name} takes no value, got "${invalid}"`);
}

/** Joins `--rate -1` to `--rate=-1`: a negative number is a value, not a flag. */
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

/** Whether an argument is a flag whose value is the next argument. */
function takesValue(argument: string, table: FlagTable): boolean {
  const name = argument.startsWith("--")
    ? argument.slice(2)
    : Object.keys(table).find((name) => argument === `-${table[name]?.short}`);
  return name !== undefined && table[name]?.placeholder !== undefined;
}

/** Returns the arguments that are neither flags nor values of flags. */
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

function lastOf(value: unknown): unknown {
  return Array.isArray(value) ? value.at(-1) : value;
}

function given(args: readonly string[], name: string): boolean {
  return args.some((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
}

/**
 * Rejects arguments that begin with a typographic dash. Web pages turn `--` into such a dash, and
 * Maelstrom treats the result as an argument of the node.
 */
function rejectTypographicDashes(args: readonly string[]): void {
  for (const argument of args) {
    if (/^-?[‐‑‒–—―−]/u.test(argument)) {
      throw new BadArguments(
        `"${argument}" begins with a typographic dash, perhaps copied from a web page; ` +
          `type --${argument.replace(/^[-‐‑‒–—―−]+/u, "")}`,
      );
    }
  }
}

function unknownFlag(argument: string, names: readonly string[]): string {
  const name = argument.replace(/^-+/, "").replace(/=.*$/, "");
  const near = names.filter((candidate) => editDistance(candidate, name) <= 2);
  const hint = near.length === 0
    ? "run with --help for the flags"
    : `did you mean --${near.join(" or --")}?`;
  return `unknown flag "${argument}"; ${hint}`;
}

/** Returns the Levenshtein distance of two words. */
function editDistance(a: string, b: string): number {
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

/** Returns the help of a table of flags, one aligned line per flag. */
export function describeFlags(table: FlagTable): string {
  const rows = Object.entries(table).map(([name, { short, placeholder, help }]) => {
    const shortName = short === undefined ? "    " : `-${short}, `;
    return [`  ${shortName}--${name}${placeholder === undefined ? "" : ` ${placeholder}`}`, help];
  });
  const width = Math.max(...rows.map(([left]) => (left as string).length)) + 2;
  return rows.map(([left, help]) => `${(left as string).padEnd(width)}${help}`).join("\n");
}
