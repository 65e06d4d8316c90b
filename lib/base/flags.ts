/**
 * Parses command-line flags of nodes and of commands: takes a table of flags, returns typed values.
 *
 * Parsing is strict. It rejects flags that are not in the table, and typographic dashes: `–-rate`
 * copied from a web page would otherwise be a positional argument, and the run would ignore it.
 *
 * @module
 */

import { parseArgs } from "../std/flags.ts";
import { suggestNames } from "./suggest.ts";

/** Thrown for invalid command-line arguments; the message states what is wrong and what is valid. */
export class UsageError extends Error {
  /** The name of the class. */
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
  /** The value's name in the help, such as `MS`. A flag without a placeholder takes no value. */
  readonly placeholder?: string;
  /** What the flag does, in one line. */
  readonly help: string;
  /** Describes a valid value: `a number from 1 to 1000`. */
  readonly expectation: string;
  /** The valid words, or some of them, for completions. */
  readonly words?: readonly string[];
  /** The value of a flag that is not given. */
  readonly default?: T;
  /** Describes the default in the help, for a default that depends on something else. */
  readonly defaultText?: string;
  /** Parses a value; undefined when it is invalid. */
  parse(text: string): T | undefined;
}

/** A flag with a default. */
export type DefaultedFlag<T> = Flag<T> & { readonly default: T };

/** Flags by name, without dashes. */
export type FlagTable = Readonly<Record<string, Flag<unknown>>>;

/** The type of a flag's values. */
export type ValueOf<F> = F extends Flag<infer T> ? T : never;

/** The names of the flags that have a default. */
export type Defaulted<F extends FlagTable> = {
  [K in keyof F]: F[K] extends { readonly default: unknown } ? K : never;
}[keyof F];

/** The values of a table's flags. A flag that is not given has its default, or else is absent. */
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
 * Parses arguments by a table of flags. A flag is given as `--name value`, `--name=value` or by its
 * one-letter name. The last of several values counts.
 *
 * @param hint Ends the message about an unknown flag: where the user finds the valid ones. A function
 * gets the flag.
 * @throws {UsageError} A flag is unknown, its value is invalid or missing, or an argument begins
 * with a typographic dash.
 */
export function parseFlags<F extends FlagTable>(
  args: readonly string[],
  table: F,
  hint: string | ((flag: string) => string) = "run with --help for the flags",
): CommandLine<F> {
  const end = args.indexOf("--");
  const own = joinNegativeValues(end < 0 ? args : args.slice(0, end), table);
  rejectTypographicDashes(own);
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

/** Whether arguments contain `--help` or `-h` before `--`. */
export function asksForHelp(args: readonly string[]): boolean {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  return own.includes("--help") || own.includes("-h");
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

/** Rejects `--flag=value` for a switch. The parser would ignore the value. */
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

/**
 * Rejects arguments that begin with a typographic dash. Web pages turn `--` into such a dash, and
 * Maelstrom treats the result as an argument of the node.
 */
function rejectTypographicDashes(args: readonly string[]): void {
  for (const argument of args) {
    if (/^-?[‐‑‒–—―−]/u.test(argument)) {
      throw new UsageError(
        `"${argument}" begins with a typographic dash, perhaps copied from a web page; ` +
          `type --${argument.replace(/^[-‐‑‒–—―−]+/u, "")}`,
      );
    }
  }
}

function unknownFlag(
  argument: string,
  names: readonly string[],
  hint: string | ((flag: string) => string),
): string {
  const name = argument.replace(/^-+/, "").replace(/=.*$/, "");
  const near = suggestNames(name, names);
  const suggestion = near.length === 0 ? "" : `did you mean --${near.join(" or --")}?`;
  // A flag of another program may be near to one of these by chance, so a computed hint stays.
  const other = typeof hint === "function" ? hint(`--${name}`) : near.length === 0 ? hint : "";
  const advice = [suggestion, other].filter((text) => text !== "").join(" Otherwise: ");
  return `unknown flag "${argument}"${advice === "" ? "" : `; ${advice}`}`;
}

/**
 * Returns the help of a table: one aligned line per flag, with its default in brackets at the end.
 * Names are indented beyond the one-letter names if the table has any.
 */
export function describeFlags(table: FlagTable): string {
  const flags = Object.entries(table);
  const indent = flags.some(([, { short }]) => short !== undefined) ? "    " : "";
  const rows = flags.map(([name, { short, placeholder, help, ...flag }]) => {
    const shortName = short === undefined ? indent : `-${short}, `;
    const value = placeholder === undefined ? "" : ` ${placeholder}`;
    const shown = flag.defaultText ?? (flag.default === false ? undefined : flag.default);
    const suffix = shown === undefined ? "" : ` (${shown})`;
    return [`  ${shortName}--${name}${value}`, help + suffix] as const;
  });
  const width = Math.max(0, ...rows.map(([left]) => left.length)) + 2;
  return rows.map(([left, help]) => left.padEnd(width) + help).join("\n");
}
