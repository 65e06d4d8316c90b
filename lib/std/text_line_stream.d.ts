/** Splits a stream of strings at line ends (std/streams `TextLineStream`). */
export declare class TextLineStream extends TransformStream<string, string> {
  constructor(options?: { readonly allowCR?: boolean });
}
