/**
 * Shortens texts that nodes wrote for reports.
 *
 * @module
 */

/** Returns the text, or its first `maxLength` characters and its length if it is longer. */
export function shorten(text: string, maxLength: number): string {
  if (text.length <= maxLength) return text;
  return `${text.slice(0, maxLength)}… (${text.length} characters)`;
}
