/** The constructor of an error class, as `assertThrows` and `assertRejects` take it. */
type ErrorClass<E extends Error> = abstract new (...args: never[]) => E;

/** Thrown by every assertion here that does not hold. */
export declare class AssertionError extends Error {}

/** Throws unless `condition` is truthy. */
export declare function assert(condition: unknown, message?: string): asserts condition;

/** Throws unless both are deeply equal. */
export declare function assertEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws if both are deeply equal. */
export declare function assertNotEquals<T>(actual: T, expected: T, message?: string): void;

/** Throws unless both are the same value (`Object.is`). */
export declare function assertStrictEquals<T>(
  actual: unknown,
  expected: T,
  message?: string,
): asserts actual is T;

/** Throws unless the numbers differ by no more than `tolerance`. */
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

/** Throws unless `fn` throws; returns what it threw. */
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

/** Throws always. */
export declare function fail(message?: string): never;
