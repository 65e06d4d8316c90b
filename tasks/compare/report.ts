/**
 * What all comparisons share: flags, and a report whose tables are printed, written to files with
 * the figures, and with `--record` written to docs/benchmarks.md.
 *
 * @module
 */

import {
  asksForHelp,
  describeFlags,
  flag,
  type FlagTable,
  type FlagValues,
  parseFlags,
  UsageError,
} from "../../lib/base/mod.ts";
import { print, stdoutPalette } from "../cli/console.ts";
import { FAULT_LIST } from "../cli/test_flags.ts";
import { wrap } from "../cli/wrap.ts";
import { alignColumns } from "./columns.ts";
import { recordComparison, type RecordedTable } from "./record.ts";

const NOTE_COLUMNS = 100;

/** The flags of every comparison. */
export const reportFlags = {
  seeds: flag.number({
    placeholder: "N",
    help: "runs per variant",
    defaultText: "3",
    min: 1,
    integer: true,
  }),
  out: flag.text({
    placeholder: "DIR",
    help: "directory for results",
    default: "store/compare",
  }),
  record: flag.toggle({ help: "also write tasks/records and docs/" }),
  help: flag.help,
} as const;

/**
 * Parses a comparison's command line. Prints the help and returns undefined for `--help`. Throws
 * {@link UsageError}.
 */
export function readComparison<F extends FlagTable>(
  args: readonly string[],
  usage: string,
  table: F,
): FlagValues<F> | undefined {
  if (asksForHelp(args)) {
    print(usage + describeFlags(table));
    if (Object.hasOwn(table, "nemesis")) print(FAULT_LIST);
    return undefined;
  }
  const { flags, positional, rest } = parseFlags(args, table);
  const extra = positional[0] ?? rest[0];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; run with --help for the flags`);
  }
  return flags;
}

/** The flags that choose where a report is written. */
export type ReportFlags = Pick<FlagValues<typeof reportFlags>, "out" | "record">;

/** The report of a comparison: prints its tables as they are added, then writes them to files. */
export class Report {
  readonly #name: string;
  readonly #flags: ReportFlags;
  readonly #setting: string;
  readonly #tables: RecordedTable[] = [];
  #note = "";

  /** Starts a report and prints the setting. `name` names its files, record and table in docs/. */
  constructor(name: string, flags: ReportFlags, setting: string) {
    this.#name = name;
    this.#flags = flags;
    this.#setting = setting;
    print(setting);
  }

  /** Adds a table and prints it; the first row holds the column heads. */
  table(rows: readonly (readonly string[])[], title = ""): void {
    this.#tables.push({ title, rows });
    print("");
    if (title !== "") print(stdoutPalette().bold(title));
    for (const line of alignColumns(rows)) print(`  ${line}`);
  }

  /** Adds the explanation of the columns, one paragraph, and prints it. */
  note(text: string): void {
    this.#note = text;
    print("");
    print(wrap(text, NOTE_COLUMNS));
  }

  /**
   * Ends the report. Writes the tables and their figures to `<out>/<name>.json`, and each plot to
   * `<out>/<name>.<extension>`. With `--record` also writes the record, with the command line that
   * repeats the comparison: its name and arguments.
   */
  save(
    figures: unknown,
    command: readonly string[],
    plots: Readonly<Record<string, string>> = {},
  ): void {
    const folder = this.#flags.out;
    const setting = this.#setting;
    const tables = this.#tables;
    const contents = {
      json: `${JSON.stringify({ setting, tables, note: this.#note, figures }, null, 2)}\n`,
      ...plots,
    };
    Deno.mkdirSync(folder, { recursive: true });
    const written = Object.entries(contents).map(([extension, content]) => {
      const path = `${folder}/${this.#name}.${extension}`;
      Deno.writeTextFileSync(path, content);
      return path;
    });
    if (this.#flags.record) {
      const others = command.filter((argument) => argument !== "--record");
      const commandLine = ["deno task compare", ...others].join(" ");
      const recorded = { command: commandLine, setting, tables, note: this.#note };
      written.push(...recordComparison(this.#name, recorded));
    }
    print(stdoutPalette().dim(`written to ${written.join(", ")}`));
  }
}
