#!/usr/bin/env -S deno run
/**
 * A node whose handlers fail in several ways, for tests of `serve`.
 *
 * @module
 */

import { flag, schema, serve, withFlags } from "../../../lib/node/mod.ts";

const flags = {
  start: flag.oneOf(["good", "bad"], { help: "whether it starts: good or bad", default: "good" }),
};
/** Replies to `echo` whatever its other handlers do. */
const survivor = withFlags({ flags }, (node, { start }) => {
  if (start === "bad") throw new Error("this node cannot start");
  node.on("echo", { echo: schema.json }, ({ echo }) => ({ type: "echo_ok", echo }));
  node.on("slow", { ms: schema.number }, async ({ ms }) => {
    await node.sleep(ms);
    return { type: "slow_ok" };
  });
  node.on("call", async () => ({ ...await node.rpc("n2", { type: "never" }), type: "call_ok" }));
  node.on("long", { length: schema.natural }, ({ length }) => ({
    type: "long_ok",
    text: "x".repeat(length),
  }));
  node.on("throw", () => {
    throw new Error("thrown by a handler");
  });
  node.on("stray", () => {
    Promise.reject(new Error("a stray rejection"));
    setTimeout(() => {
      throw new Error("a stray error");
    });
    return { type: "stray_ok" };
  });
  node.on("stray-invariant", () => {
    (async () => {
      await node.sleep(1);
      node.always(false, "planted");
    })();
    return { type: "stray-invariant_ok" };
  });
  node.on("stray-invariant-error", () => {
    queueMicrotask(() => node.always(false, "planted"));
    return { type: "stray-invariant-error_ok" };
  });
});

export default survivor;

if (import.meta.main) await serve(survivor);
