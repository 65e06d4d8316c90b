/**
 * Tables of plain text.
 *
 * @module
 */

import { isNumeric } from "../cli/readme_section.ts";

/** Rows as lines whose columns are as wide as their widest cell; numbers stand to the right. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  // The first row holds the headings.
  const right = widths.map((_, column) =>
    rows.slice(1).every((row) => isNumeric(row[column] ?? ""))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] as number;
      return right[column] ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd()
  );
}

/** A number with so many digits after the point; a dash for one that there is not. */
export function figure(value: number, digits: number): string {
  return Number.isFinite(value) ? value.toFixed(digits) : "–";
}
