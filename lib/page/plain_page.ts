/**
 * Pages without a program: a title and HTML, in the style of report pages.
 *
 * @module
 */

import { escapeHtml } from "./html.ts";
import { PAGE_STYLE } from "./style.ts";

/** Returns a page with a body, given as pieces of HTML. */
export function plainPage(title: string, body: readonly string[]): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>${text(title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<style>${PAGE_STYLE}</style><body><main>${body.join("\n")}</main></body></html>`;
}

/** Returns a value as text of HTML. */
export function text(value: string | number): string {
  return escapeHtml(String(value));
}
