/**
 * Terminal colours.
 *
 * @module
 */

/** Functions that colour text, or return it unchanged. */
export interface Palette {
  good(text: string): string;
  bad(text: string): string;
  unsure(text: string): string;
  dim(text: string): string;
  bold(text: string): string;
}

const ESCAPE = String.fromCharCode(27);

/** Returns a palette with ANSI escape codes, or one that leaves text unchanged. */
export function palette(coloured: boolean): Palette {
  const paint = (code: number) => (text: string) =>
    coloured ? `${ESCAPE}[${code}m${text}${ESCAPE}[0m` : text;
  return { good: paint(32), bad: paint(31), unsure: paint(33), dim: paint(2), bold: paint(1) };
}
