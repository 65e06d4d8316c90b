/**
 * Waiting that an abort ends.
 *
 * @module
 */

/**
 * Waits until the promise settles or the signal is aborted. Throws the promise's rejection if that
 * comes first.
 */
export async function untilAborted(signal: AbortSignal, promise: Promise<unknown>): Promise<void> {
  // After an abort, a later rejection of the promise must not become an unhandled rejection.
  promise.catch(() => {});
  if (signal.aborted) return;
  let onAbort = () => {};
  const aborted = new Promise<void>((resolve) => {
    onAbort = resolve;
    signal.addEventListener("abort", onAbort, { once: true });
  });
  try {
    await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}
