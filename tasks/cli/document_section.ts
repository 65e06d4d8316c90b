/**
 * Generated sections of documents. A section stands between the comments `<!-- NAME:begin -->` and
 * `<!-- NAME:end -->`.
 *
 * @module
 */

/** Returns a document with a section replaced. Throws an Error when the section is missing. */
export function replaceSection(document: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = document.indexOf(begin);
  const to = document.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(`the document has no section "${name}"; add the lines ${begin} and ${end}`);
  }
  return `${document.slice(0, from + begin.length)}\n\n${content}\n\n${document.slice(to)}`;
}

/**
 * Returns a table in Markdown. The first row holds the heads; columns of numbers are right-aligned.
 */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [heads = [], ...others] = rows;
  const rule = heads.map((_, column) => {
    const cells = others.map((row) => row[column] ?? "");
    return cells.some((cell) => cell !== "") && cells.every(isNumeric) ? "--:" : "---";
  });
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(heads), `|${rule.join("|")}|`, ...others.map(line)].join("\n");
}

/** Whether a cell holds a number, a percentage, or a dash for a missing number. */
export function isNumeric(cell: string): boolean {
  return /^[-\d.,–]*( %)?$/.test(cell);
}
