/**
 * Parts of the README that are made from what was recorded, and not by hand: each stands between two
 * comments with its name.
 *
 * @module
 */

/**
 * The README with a part of it made anew. Throws an Error when the place of that part is not marked.
 */
export function withSection(readme: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`];
  const from = readme.indexOf(begin);
  const to = readme.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the README lacks ${begin} … ${end}`);
  return `${readme.slice(0, from + begin.length)}\n\n${content}\n\n${readme.slice(to)}`;
}

/** A table in Markdown; the first row holds the headings, and columns of numbers stand right. */
export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [headings = [], ...others] = rows;
  const rule = headings.map((_, column) => {
    const cells = others.map((row) => row[column] ?? "");
    return cells.some((cell) => cell !== "") && cells.every(isNumeric) ? "--:" : "---";
  });
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(headings), `|${rule.join("|")}|`, ...others.map(line)].join("\n");
}

/** Whether a cell holds a number, maybe of percent, or a dash where there is none. */
export function isNumeric(cell: string): boolean {
  return /^[-\d.,–]*( %)?$/.test(cell);
}
