/** The options of `parseArgs` that this project uses. */
export interface ParseOptions {
  /** Flags without a value. */
  readonly boolean?: readonly string[];
  /** Flags whose value remains a string. */
  readonly string?: readonly string[];
  /** Flags that can be repeated; their value is an array. */
  readonly collect?: readonly string[];
  /** Short names: `{ w: "workload" }`. */
  readonly alias?: Readonly<Record<string, string>>;
  /** The default values of flags. */
  readonly default?: Readonly<Record<string, unknown>>;
  /** Stores the arguments after `--` separately, under `"--"` of the result. */
  readonly "--"?: boolean;
  /** Stops at the first argument that is not a flag. */
  readonly stopEarly?: boolean;
  /**
   * Called for each undeclared flag, and for each positional argument without `key`. Returning false
   * excludes the argument from the result.
   */
  readonly unknown?: (argument: string, key?: string, value?: unknown) => unknown;
}

/** The flags by name, positional arguments under `_`, and arguments after `--` under `"--"`. */
export interface ParsedArgs {
  readonly _: (string | number)[];
  readonly "--"?: string[];
  readonly [flag: string]: unknown;
}

/** Parses command line arguments into flags and positional arguments (`parseArgs` of std/cli). */
export declare function parseArgs(args: readonly string[], options?: ParseOptions): ParsedArgs;
