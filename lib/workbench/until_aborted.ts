/**
 * Waiting that an interrupt ends.
 *
 * @module
 */

/**
 * Waits for a promise, but no longer than until the signal is aborted. Throws what the promise is
 * rejected with, if that comes first.
 */
export async function untilAborted(signal: AbortSignal, promise: Promise<unknown>): Promise<void> {
  // What it waited for may still fail after an abort, when nobody listens any more.
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
