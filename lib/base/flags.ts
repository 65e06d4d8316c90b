/**
 * Command-line flags, for nodes and for the workbench's own commands: a table of flags in, typed
 * values out.
 *
 * Parsing is strict. A flag that is not in the table is refused, and so is a typographic dash: `–-rate`
 * copied from a web page would otherwise become a positional argument, and the run would silently
 * ignore it.
 *
 * @module
 */

import { parseArgs } from "std/flags";

/** Thrown for invalid command-line arguments; its message says what is wrong and what is right. */
export class UsageError extends Error {
  override readonly name: string = "UsageError";
}

/** Thrown when the arguments ask for help (`--help`, `-h`); its message is the help. */
export class HelpRequest extends UsageError {
  override readonly name = "HelpRequest";
}

/** One flag with values of type `T`. */
export interface Flag<T> {
  /** A one-letter name. */
  readonly short?: string;
  /** What stands for the value in the help, such as `MS`; a flag without one takes no value. */
  readonly placeholder?: string;
  /** What the flag does, in one line. */
  readonly help: string;
  /** What a valid value is, in words: `a number from 1 to 1000`. */
  readonly expectation: string;
  /** The value of a flag that is not given. */
  readonly default?: T;
  /** Parses a value; undefined when it is invalid. */
  parse(text: string): T | undefined;
}

/** A flag that has a value also when it is not given. */
export type DefaultedFlag<T> = Flag<T> & { readonly default: T };

/** Flags by name, without dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

type ValueOf<F> = F extends Flag<infer T> ? T : never;
type Defaulted<F extends FlagTable> = {
  [K in keyof F]: F[K] extends { readonly default: unknown } ? K : never;
}[keyof F];

/** The values of a table's flags: those with a default are always there. */
export type FlagValues<F extends FlagTable> =
  & { readonly [K in Defaulted<F>]: ValueOf<F[K]> }
  & { readonly [K in Exclude<keyof F, Defaulted<F>>]?: ValueOf<F[K]> };

/** A parsed command line. */
export interface CommandLine<F extends FlagTable> {
  readonly flags: FlagValues<F>;
  /** The arguments that are neither flags nor their values. */
  readonly positional: readonly string[];
  /** The arguments after `--`. */
  readonly rest: readonly string[];
}

/**
 * Parses arguments by a table of flags. A flag may be given as `--name value`, `--name=value` or by its
 * one-letter name; the last of several wins.
 *
 * Throws a {@link UsageError} for an unknown flag, an invalid or missing value, and a typographic
 * dash. `hint` closes the message about an unknown flag: where its reader finds the known ones.
 */
export function parseFlags<F extends FlagTable>(
  args: readonly string[],
  table: F,
  hint = "See --help.",
): CommandLine<F> {
  const end = args.indexOf("--");
  const own = joinNegativeValues(end < 0 ? args : args.slice(0, end), table);
  refuseTypographicDashes(own);
  const names = Object.keys(table);
  const isSwitch = (name: string) => table[name]?.placeholder === undefined;
  const parsed = parseArgs(own, {
    string: names.filter((name) => !isSwitch(name)),
    boolean: names.filter(isSwitch),
    alias: Object.fromEntries(
      names.flatMap((name) => table[name]?.short === undefined ? [] : [[table[name].short, name]]),
    ),
    unknown(argument, key) {
      if (key !== undefined) throw new UsageError(unknownFlag(argument, names, hint));
    },
  });
  const values: Record<string, unknown> = {};
  for (const name of names) {
    const flag = table[name] as Flag<unknown>;
    const given = Array.isArray(parsed[name]) ? parsed[name].at(-1) : parsed[name];
    const isGiven = given !== undefined && (given !== false || isNamed(own, name));
    if (isGiven) {
      values[name] = isSwitch(name) ? readSwitch(own, name) : readValue(name, flag, given);
    } else if (flag.default !== undefined) values[name] = flag.default;
  }
  return {
    flags: values as FlagValues<F>,
    positional: positionalOf(own, table),
    rest: end < 0 ? [] : args.slice(end + 1),
  };
}

function readValue(name: string, flag: Flag<unknown>, given: unknown): unknown {
  const text = String(given);
  const value = text === "" ? undefined : flag.parse(text);
  if (value !== undefined) return value;
  throw new UsageError(
    text === ""
      ? `--${name} needs a value: --${name} ${flag.placeholder}, ${flag.expectation}`
      : `--${name} must be ${flag.expectation}, got "${text}"`,
  );
}

/** A switch that is given a value would not do what its user means. */
function readSwitch(args: readonly string[], name: string): true {
  const valued = args.find((argument) => argument.startsWith(`--${name}=`));
  if (valued !== undefined) throw new UsageError(`--${name} takes no value, got "${valued}"`);
  return true;
}

/** Joins `--rate -1` to `--rate=-1`: a negative number is a value, not a flag. */
function joinNegativeValues(args: readonly string[], table: FlagTable): string[] {
  const joined: string[] = [];
  for (const argument of args) {
    const flag = joined.at(-1);
    if (/^-(\.?\d|Infinity$)/.test(argument) && flag !== undefined && takesValue(flag, table)) {
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
  return name !== undefined && Object.hasOwn(table, name) &&
    table[name]?.placeholder !== undefined;
}

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

function isNamed(args: readonly string[], name: string): boolean {
  return args.some((argument) => argument === `--${name}` || argument.startsWith(`--${name}=`));
}

/** Web pages turn `--` into one long dash, which Maelstrom takes for a positional argument. */
function refuseTypographicDashes(args: readonly string[]): void {
  for (const argument of args) {
    if (/^-?[‐‑‒–—―−]/u.test(argument)) {
      throw new UsageError(
        `"${argument}" begins with a dash that is not "-" (copied from a web page?); ` +
          `type --${argument.replace(/^[-‐‑‒–—―−]+/u, "")}`,
      );
    }
  }
}

function unknownFlag(argument: string, names: readonly string[], hint: string): string {
  const name = argument.replace(/^-+/, "").replace(/=.*$/, "");
  const near = names.filter((candidate) => editDistance(candidate, name) <= 2);
  const advice = near.length === 0 ? hint : `Did you mean --${near.join(" or --")}?`;
  return `unknown flag "${argument}". ${advice}`;
}

/** Returns Levenshtein's edit distance. */
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

/** Returns the help of a table: one aligned line a flag, its default in brackets at the end. */
export function describeFlags(table: FlagTable): string {
  const rows = Object.entries(table).map(([name, flag]) => {
    const shortName = flag.short === undefined ? "" : `-${flag.short}, `;
    const value = flag.placeholder === undefined ? "" : ` ${flag.placeholder}`;
    const isShown = flag.default !== undefined && flag.default !== false;
    const initial = isShown ? ` (${flag.default})` : "";
    return [`  ${shortName}--${name}${value}`, flag.help + initial] as const;
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, help]) => left.padEnd(width) + help).join("\n");
}
