/**
 * What all comparisons have in common: flags, and what becomes of the tables, which are printed as
 * they come, kept with the figures, and recorded for the README if that is asked for.
 *
 * @module
 */

import { print, stdoutPalette } from "../cli/console.ts";
import { BadArguments } from "../cli/exit_code.ts";
import { help, numeric, text, toggle } from "../cli/flag_kinds.ts";
import { describeFlags, type FlagTable, type GivenFlags, readCommandLine } from "../cli/flags.ts";
import { alignColumns } from "./columns.ts";
import { recordComparison, type RecordedTable } from "./record.ts";

/** Flags that each comparison has. */
export const reportFlags = {
  seeds: numeric("N", "how many runs of each (3)", { least: 1, integer: true }),
  out: text("DIR", "where to leave what came of it (store/compare)"),
  record: toggle("put it down in tasks/records and in the README's table"),
  help,
} as const;

/**
 * Reads a comparison's command line; undefined when all that it asks for is help, which is then
 * printed. Throws {@link BadArguments}.
 */
export function readComparison<F extends FlagTable>(
  args: readonly string[],
  usage: string,
  table: F,
): GivenFlags<F> | undefined {
  const { flags, positional, rest } = readCommandLine(args, table);
  if (Object.hasOwn(flags, "help")) {
    print(usage + describeFlags(table));
    return undefined;
  }
  const stranger = positional[0] ?? rest[0];
  if (stranger !== undefined) throw new BadArguments(`'${stranger}' is no flag. See --help.`);
  return flags;
}

/** Where a report goes. */
export type ReportFlags = Pick<GivenFlags<typeof reportFlags>, "out" | "record">;

/** A comparison's tables, from the first line to what is kept of them. */
export class Report {
  readonly #name: string;
  readonly #flags: ReportFlags;
  readonly #setting: string;
  readonly #tables: RecordedTable[] = [];
  #note = "";

  /**
   * Begins a report and prints what is compared. `name` is that of its files, its record and its
   * place in the README.
   */
  constructor(name: string, flags: ReportFlags, setting: string) {
    this.#name = name;
    this.#flags = flags;
    this.#setting = setting;
    print(setting);
  }

  /** Adds a table, whose first row holds the headings, and prints it. */
  table(rows: readonly (readonly string[])[], title = ""): void {
    this.#tables.push({ title, rows });
    print("");
    if (title !== "") print(stdoutPalette().bold(title));
    for (const line of alignColumns(rows)) print(`  ${line}`);
  }

  /** Says what the columns mean, in one paragraph, and prints it. */
  note(text: string): void {
    this.#note = text;
    print("");
    print(wrap(text));
  }

  /**
   * Ends the report: keeps its tables, with the figures that they were made of, as
   * `<out>/<name>.json`, and each drawing as `<out>/<name>.<ending>`. Records the report if that was
   * asked for, with the command line that it came of: the comparison's name and arguments.
   */
  keep(
    figures: unknown,
    command: readonly string[],
    drawings: Readonly<Record<string, string>> = {},
  ): void {
    const folder = this.#flags.out ?? "store/compare";
    const setting = this.#setting;
    const tables = this.#tables;
    const contents = {
      json: `${JSON.stringify({ setting, tables, note: this.#note, figures }, null, 2)}\n`,
      ...drawings,
    };
    Deno.mkdirSync(folder, { recursive: true });
    const kept = Object.entries(contents).map(([ending, content]) => {
      const path = `${folder}/${this.#name}.${ending}`;
      Deno.writeTextFileSync(path, content);
      return path;
    });
    if (this.#flags.record === true) {
      const others = command.filter((argument) => argument !== "--record");
      const typed = ["deno task compare", ...others].join(" ");
      const recorded = { command: typed, setting, tables, note: this.#note };
      kept.push(...recordComparison(this.#name, recorded));
    }
    print(stdoutPalette().dim(`kept in ${kept.join(", ")}`));
  }
}

const WIDTH = 100;

function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > WIDTH) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}
