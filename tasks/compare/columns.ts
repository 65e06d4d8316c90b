/**
 * Plain-text tables.
 *
 * @module
 */

import { isNumeric } from "../cli/document_section.ts";

/**
 * Returns the lines of a table. Each column is as wide as its widest cell; columns of numbers are
 * right-aligned. The first row holds the column heads.
 */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const count = Math.max(...rows.map((row) => row.length));
  const widths = Array.from(
    { length: count },
    (_, column) => Math.max(...rows.map((row) => (row[column] ?? "").length)),
  );
  const isRight = widths.map((_, column) =>
    rows.slice(1).every((row) => isNumeric(row[column] ?? ""))
  );
  return rows.map((row) =>
    row.map((cell, column) => {
      const width = widths[column] as number;
      return isRight[column] ? cell.padStart(width) : cell.padEnd(width);
    }).join("  ").trimEnd()
  );
}

/** Returns a number with a fixed number of decimals; a dash for NaN and infinities. */
export function formatFixed(value: number, decimals: number): string {
  return Number.isFinite(value) ? value.toFixed(decimals) : "–";
}
