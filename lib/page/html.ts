/**
 * The report page of a run: one HTML file that opens from disk, without a server or a network.
 *
 * @module
 */

import { PAGE_STYLE } from "./style.ts";

/** Search engines and previews show no more of a description. */
const MAX_DESCRIPTION_CHARACTERS = 300;

/** The parts of a page. */
export interface PageParts {
  /** The title of the document. */
  readonly title: string;
  /** What the page shows, for search, previews, and a browser without JavaScript; in lines. */
  readonly summary: readonly string[];
  /** The page's program, as `deno bundle` makes it. */
  readonly script: string;
  /** The run, as a text of base64 characters; empty for a playground. */
  readonly data: string;
  /** The simulator with the node's program, packed likewise; empty if the page cannot run it. */
  readonly runner?: string;
  /** The workloads of the programs that a playground offers, by program. */
  readonly programs?: Readonly<Record<string, string>>;
}

/**
 * Returns the page as HTML. The content security policy forbids every request and every script but
 * the page's own.
 *
 * Throws a TypeError for data that is not base64: it could end its element.
 */
export function pageHtml(parts: PageParts): string {
  const { title, summary, script, data, runner = "", programs } = parts;
  for (const text of [data, runner]) {
    if (!/^[A-Za-z0-9+/=]*$/.test(text)) throw new TypeError("the data of a page must be base64");
  }
  return [
    "<!doctype html>",
    '<html lang="en">',
    '<meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; ' +
    "script-src 'unsafe-inline' blob:; style-src 'unsafe-inline'; img-src data: blob:\">",
    `<meta name="description" content="${escapeHtml(descriptionOf(parts))}">`,
    `<title>${escapeHtml(title)}</title>`,
    `<style>${PAGE_STYLE}</style>`,
    '<body><main id="page"><p>Reading the run …</p></main>',
    "<noscript><p>This page draws with JavaScript. Without it, this is the summary:</p>" +
    `<pre>${escapeHtml([title, ...summary].join("\n"))}</pre></noscript>`,
    `<script type="text/plain" id="data">${data}</script>`,
    `<script type="text/plain" id="runner">${runner}</script>`,
    `<script type="text/plain" id="programs">${embeddedJson(programs)}</script>`,
    // The bundle is the project's own; the escape keeps a text in it from ending the element.
    `<script type="module">${script.replaceAll("</script", "<\\/script")}</script>`,
    "</body></html>",
    "",
  ].join("\n");
}

/** Returns the title and the summary in one line. */
function descriptionOf({ title, summary }: PageParts): string {
  const text = [title, ...summary].map((line) => line.trim().replaceAll(/\s+/g, " ")).join("; ");
  return text.length <= MAX_DESCRIPTION_CHARACTERS
    ? text
    : `${text.slice(0, MAX_DESCRIPTION_CHARACTERS - 1)}…`;
}

/** Returns JSON that cannot end its element. */
function embeddedJson(value: unknown): string {
  return value === undefined ? "" : JSON.stringify(value).replaceAll("<", "\\u003c");
}

/** Returns a text as HTML, in content and in attributes. */
export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
}
