/** What `parseArgs` is told about the flags of a command; the part of std's options used here. */
export interface ParseOptions {
  /** Flags that take no value. */
  readonly boolean?: readonly string[];
  /** Flags whose value stays a string. */
  readonly string?: readonly string[];
  /** Flags that may be given more than once; their value is an array. */
  readonly collect?: readonly string[];
  /** Short names: `{ w: "workload" }`. */
  readonly alias?: Readonly<Record<string, string>>;
  /** Values of flags that are not given. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Keep what follows `--` apart, under the result's `"--"`. */
  readonly "--"?: boolean;
  /** Stop at the first argument that is no flag. */
  readonly stopEarly?: boolean;
  /**
   * Called for each flag that was not declared (and each positional argument, without `key`);
   * returning false leaves it out of the result.
   */
  readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}

/** Parsed flags by name, positional arguments under `_`, those after `--` under `"--"`. */
export interface ParsedArgs {
  readonly _: (string | number)[];
  readonly "--"?: string[];
  readonly [flag: string]: unknown;
}

/** Splits command line arguments into flags and positional arguments (std/cli `parseArgs`). */
export declare function parseArgs(args: readonly string[], options?: ParseOptions): ParsedArgs;
