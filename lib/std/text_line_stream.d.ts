/** Splits a stream of strings into lines (`TextLineStream` of std/streams). */
export declare class TextLineStream extends TransformStream<string, string> {
  constructor(options?: { readonly allowCR?: boolean });
}
