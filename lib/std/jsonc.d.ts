/** Parses JSON with comments and trailing commas. Throws a SyntaxError for anything else. */
export declare function parse(text: string): unknown;
