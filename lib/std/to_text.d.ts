/** Reads a whole stream as text (std/streams `toText`). */
export declare function toText(stream: ReadableStream<string | Uint8Array>): Promise<string>;
