/**
 * What the simulator uses of its host and a browser does not have. Import it before the simulator.
 *
 * @module
 */

/// <reference lib="dom" />

/** Makes `setImmediate`: a callback in a task of its own, without the delay of `setTimeout`. */
function immediate(): (callback: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  const queue: (() => void)[] = [];
  port1.onmessage = () => queue.shift()?.();
  return (callback) => {
    queue.push(callback);
    port2.postMessage(undefined);
  };
}

const host = globalThis as unknown as Record<string, unknown>;
host.setImmediate ??= immediate();
host.Deno ??= {
  inspect: (value: unknown) => typeof value === "string" ? value : JSON.stringify(value),
  errors: { NotCapable: Error },
};
