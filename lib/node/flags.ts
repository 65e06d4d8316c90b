/**
 * A node's own command line flags, the ones that stand after `--`. A table says which there are; what
 * is not in it is refused, with a message that lists what is.
 *
 * @module
 */

import { parseArgs } from "std/flags";

/** Thrown for command line arguments that a node does not understand. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Thrown for arguments that ask which flags there are; its message says so. */
export class HelpRequest extends UsageError {}

/** What a program exits with that does not understand its arguments. */
export const EXIT_USAGE = 2;

/** One flag: its default, how its text is read, and what it is for. */
export interface NodeFlag<T> {
  readonly initial: T;
  /** What may stand there, in words. */
  readonly expectation: string;
  /** What the flag does, and where its default comes from. */
  readonly help: string;
  /** Reads the flag's text; undefined when it is wrong. */
  read(text: string): T | undefined;
}

/** Flags by name, without the dashes. */
export type NodeFlags = Readonly<Record<string, NodeFlag<unknown>>>;

/** The values of flags. */
export type FlagValues<F extends NodeFlags> = {
  readonly [K in keyof F]: F[K] extends NodeFlag<infer T> ? T : never;
};

/** A flag that takes one of a few words; the first is the default unless `initial` says otherwise. */
export function choice<const T extends string>(
  choices: readonly [T, ...T[]],
  help: string,
  initial: NoInfer<T> = choices[0],
): NodeFlag<T> {
  return {
    initial,
    expectation: `one of ${choices.join(", ")}`,
    help,
    read: (text) => choices.find((word) => word === text),
  };
}

/** No interval of a node's is sensibly longer than this, an hour. */
export const LONGEST_INTERVAL_MS = 3_600_000;

/**
 * A flag that takes a number within bounds (both included), such as an interval in milliseconds.
 * Only the default may be infinite.
 */
export function quantity(
  initial: number,
  help: string,
  bounds: { readonly least?: number; readonly most?: number; readonly integer?: boolean } = {},
): NodeFlag<number> {
  const { least = 0, most = Infinity, integer = false } = bounds;
  const range = most === Infinity ? `from ${least}` : `from ${least} to ${most}`;
  return {
    initial,
    expectation: `${integer ? "an integer" : "a number"} ${range}`,
    help,
    read(text) {
      const value = text.trim() === "" ? NaN : Number(text);
      const isKind = integer ? Number.isInteger(value) : Number.isFinite(value);
      const right = isKind && value >= least && value <= most;
      return right ? value : undefined;
    },
  };
}

/** A flag that is on or off: `--name`, `--name=true`, `--name=false`. */
export function toggle(initial: boolean, help: string): NodeFlag<boolean> {
  return {
    initial,
    expectation: "true or false",
    help,
    read: (text) => text === "" || text === "true" ? true : text === "false" ? false : undefined,
  };
}

/**
 * Reads arguments by a table. Throws a {@link UsageError} that names what is wrong and what is right,
 * and a {@link HelpRequest} for `--help` or `-h`.
 */
export function parseNodeFlags<F extends NodeFlags>(
  args: readonly string[],
  table: F,
): FlagValues<F> {
  const refuse = (argument: string | number) => {
    if (argument === "--help" || argument === "-h") throw new HelpRequest(usage(table));
    throw new UsageError(`'${argument}' is no flag of this node.\n${usage(table)}`);
  };
  const parsed = parseArgs(joinNegatives(withoutSeparator(args), table), {
    string: Object.keys(table),
    unknown: refuse,
  });
  // What stands after a second `--` is passed over by the parser.
  for (const argument of parsed._) refuse(argument);
  const values: Record<string, unknown> = {};
  for (const [name, flag] of Object.entries(table)) {
    const given = parsed[name];
    const text = Array.isArray(given) ? given.at(-1) : given;
    const value = text === undefined ? flag.initial : flag.read(String(text));
    if (value === undefined) {
      throw new UsageError(
        `--${name} takes ${flag.expectation}, not '${text}'.\n${usage(table)}`,
      );
    }
    values[name] = value;
  }
  return values as FlagValues<F>;
}

/** For a node without flags: throws a {@link UsageError} if there are arguments all the same. */
export function refuseArguments(args: readonly string[]): void {
  parseNodeFlags(args, {});
}

/** Maelstrom keeps the `--` before a node's arguments to itself; whoever starts one by hand may not. */
function withoutSeparator(args: readonly string[]): readonly string[] {
  return args[0] === "--" ? args.slice(1) : args;
}

/**
 * A negative number is the value of the flag before it, though it looks like a flag itself: together
 * they are `--flag=-5`.
 */
function joinNegatives(args: readonly string[], table: NodeFlags): string[] {
  const joined: string[] = [];
  for (const argument of args) {
    const before = joined.at(-1) ?? "";
    const isValue = /^-(\.?\d|Infinity$)/.test(argument) && before.startsWith("--") &&
      Object.hasOwn(table, before.slice(2)) && !joined.includes("--");
    if (isValue) joined[joined.length - 1] = `${before}=${argument}`;
    else joined.push(argument);
  }
  return joined;
}

/** The flags of a table, one a line. */
export function usage(table: NodeFlags): string {
  const names = Object.keys(table);
  if (names.length === 0) return "It takes none.";
  return ["Its flags are:"].concat(names.map((name) => {
    const flag = table[name] as NodeFlag<unknown>;
    return `  --${name}  ${flag.expectation} (${flag.initial}): ${flag.help}`;
  })).join("\n");
}
