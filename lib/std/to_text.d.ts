/** Reads a whole stream as text (`toText` of std/streams). */
export declare function toText(stream: ReadableStream<string | Uint8Array>): Promise<string>;
