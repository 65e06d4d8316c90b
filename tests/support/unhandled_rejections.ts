/**
 * Programming errors in the background work of a node.
 *
 * @module
 */

import { settled } from "../../lib/testing/fake_host.ts";

/** Runs an action, and returns the reasons of the promises whose rejections nothing handled. */
export async function unhandledRejections(action: () => Promise<void>): Promise<unknown[]> {
  const reasons: unknown[] = [];
  const listener = (event: PromiseRejectionEvent) => {
    event.preventDefault();
    reasons.push(event.reason);
  };
  globalThis.addEventListener("unhandledrejection", listener);
  try {
    await action();
    await settled();
  } finally {
    globalThis.removeEventListener("unhandledrejection", listener);
  }
  return reasons;
}
