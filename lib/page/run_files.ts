/**
 * What a report page shows: the files of a run's folder, and how they travel inside the page.
 *
 * The page must open from disk without a server, so the files are embedded: as JSON, compressed with
 * gzip, in base64. Base64 has no character that ends a script element, so no text of a node can
 * become markup.
 *
 * @module
 */

/** The files of a run's folder that a page shows. A missing file is undefined. */
export interface RunFiles {
  /** `test.json`: options, engine, program, arguments. */
  readonly test: string | undefined;
  readonly results: string;
  /** `history.jsonl`. */
  readonly history: string;
  /** `messages.jsonl`. */
  readonly messages: string | undefined;
  /** `schedule.json`, the nemesis schedule of the run. */
  readonly schedule?: string | undefined;
  /** `case.json`, for a run of explore or of a replay. */
  readonly case?: string | undefined;
  /** `states.jsonl`: how the states of simulated nodes changed. */
  readonly states?: string | undefined;
  /** The last lines of each node's log, by node. */
  readonly logs: Readonly<Record<string, string>>;
}

/** Returns the files as a text of base64 characters. */
export function packRunFiles(files: RunFiles): Promise<string> {
  const slim = { ...files, messages: files.messages && dropReceivedBodies(files.messages) };
  return pack(JSON.stringify(slim));
}

/** Returns the files that {@link packRunFiles} packed. */
export async function unpackRunFiles(text: string): Promise<RunFiles> {
  return JSON.parse(await unpack(text));
}

/** Returns a text, compressed, as base64 characters. */
export async function pack(text: string): Promise<string> {
  const compressed = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(compressed).arrayBuffer());
  const chunks: string[] = [];
  const chunkBytes = 0x6000; // A multiple of 3, so that chunks concatenate; small enough for a call.
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    chunks.push(btoa(String.fromCharCode(...bytes.subarray(at, at + chunkBytes))));
  }
  return chunks.join("");
}

/** Returns the text that {@link pack} packed. */
export function unpack(text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

const RECEIVED = /^\{"type":"recv","time":(\d+),"id":(\d+),.*$/gm;

/** Shortens the lines of received messages, whose content is that of the line that sent them. */
export function dropReceivedBodies(messages: string): string {
  return messages.replaceAll(RECEIVED, "[$2,$1]");
}
