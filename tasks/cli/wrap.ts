/**
 * Wraps paragraphs for the terminal.
 *
 * @module
 */

/**
 * Returns a paragraph with line breaks, so that no line of several words is longer than `width`, by
 * default the width of help texts.
 */
export function wrap(text: string, width = 80): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const line = lines.at(-1);
    if (line === undefined || line.length + 1 + word.length > width) lines.push(word);
    else lines[lines.length - 1] = `${line} ${word}`;
  }
  return lines.join("\n");
}
