/**
 * Texts that nodes wrote, cut to a length that a report can hold.
 *
 * @module
 */

/** The text, or its beginning with a note of how long it was. */
export function shorten(text: string, most: number): string {
  if (text.length <= most) return text;
  return `${text.slice(0, most)}… (${text.length} characters)`;
}
