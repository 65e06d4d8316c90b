/**
 * Writes the report file of an exploration while it runs, so that an interrupted one keeps what it
 * recorded.
 *
 * @module
 */

import { dirname } from "node:path";
import { LineFile } from "../../lib/workbench/line_file.ts";
import { WriteFailures } from "../cli/file_problem.ts";
import { encodeLine, type End, type ReportHeader, type ReportLine } from "./report_lines.ts";

/** A report file. */
export class ReportWriter {
  readonly #failures = new WriteFailures();
  readonly #file: LineFile;

  /** Creates the file, with its folder if that is missing. */
  constructor(path: string, header: ReportHeader) {
    Deno.mkdirSync(dirname(path), { recursive: true });
    this.#file = new LineFile(path, (path, error) => this.#failures.add(path, error), {
      promptly: true,
    });
    this.write({ kind: "header", header });
  }

  /** Appends a line. */
  write(line: ReportLine): void {
    this.#file.write(encodeLine(line));
  }

  /** Appends the last line and closes the file. Returns what went wrong with the file, if anything. */
  end(end: End, seconds: number): string | undefined {
    this.#file.write(encodeLine({ kind: "end", end }, Math.round(seconds * 10) / 10));
    this.#file.close();
    return this.#failures.problem;
  }
}
