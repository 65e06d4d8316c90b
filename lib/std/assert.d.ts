/** The constructor of an error class, an argument of `assertThrows` and `assertRejects`. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** An assertion failed. */
export declare class AssertionError extends Error {}

/** Throws unless `condition` is truthy. */
export declare function assert(condition: unknown, message?: string): asserts condition;

/** Throws unless the values are deeply equal. */
export declare function assertEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws if the values are deeply equal. */
export declare function assertNotEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws unless the values are identical (`Object.is`). */
export declare function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T;

/** Throws unless the numbers differ by at most `tolerance`. */
export declare function assertAlmostEquals(
  actual: number,
  expected: number,
  tolerance?: number,
  message?: string,
): void;

/** Throws unless `actual` matches `expected`. */
export declare function assertMatch(actual: string, expected: RegExp, message?: string): void;

/** Throws if `actual` matches `expected`. */
export declare function assertNotMatch(actual: string, expected: RegExp, message?: string): void;

/** Throws unless `actual` contains `expected`. */
export declare function assertStringIncludes(
  actual: string,
  expected: string,
  message?: string,
): void;

/** Throws unless `fn` throws; returns the thrown value. */
export declare function assertThrows(fn: () => unknown, message?: string): unknown;
/** Throws unless `fn` throws an instance of `errorClass` whose message includes the text. */
export declare function assertThrows<E extends Error>(
  fn: () => unknown,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): E;

/** Throws unless `fn` rejects; resolves with the reason. */
export declare function assertRejects(
  fn: () => PromiseLike<unknown>,
  message?: string,
): Promise<unknown>;
/** Throws unless `fn` rejects with an instance of `errorClass` whose message includes the text. */
export declare function assertRejects<E extends Error>(
  fn: () => PromiseLike<unknown>,
  errorClass: ErrorClass<E>,
  messageIncludes?: string,
  message?: string,
): Promise<E>;

/** Always throws. */
export declare function fail(message?: string): never;
