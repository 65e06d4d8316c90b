/**
 * Runs a replication engine on a node.
 *
 * @module
 */

import type { CancelTimer, Node } from "../node/mod.ts";
import type { Body, Fields } from "../wire/mod.ts";
import { Engine } from "./engine.ts";
import type { Event, RetryOptions } from "./events.ts";
import { messageFields } from "./messages.ts";
import type { Policy } from "./policy.ts";
import type { ReplicatedState } from "./state.ts";

/** Starts an engine; returns the function to call after each local change of the state. */
export function replicate(
  node: Node,
  state: ReplicatedState,
  policy: Policy,
  options: RetryOptions,
  others: Readonly<Record<string, Fields>> = {},
): { readonly engine: Engine; readonly changed: () => void } {
  const { id, incarnation, nodes } = node;
  const engine = new Engine(state, policy, {
    ...options,
    id,
    incarnation,
    nodes,
    random: () => node.random(),
  });
  let cancel: CancelTimer = () => {};
  const handle = (event: Event) => {
    for (const effect of engine.handle(event, node.monotonic())) {
      if (effect.type === "send") node.send(effect.peer, effect.body);
      else if (effect.type === "sometimes") node.sometimes(effect.text);
      else {
        cancel();
        const delayMs = Math.max(0, effect.atMs - node.monotonic());
        cancel = delayMs === Infinity
          ? () => {}
          : node.after(delayMs, () => handle({ type: "tick" }));
      }
    }
  };
  for (const [type, fields] of Object.entries({ ...messageFields, ...others })) {
    node.on(
      type,
      fields,
      (body, { src }) => handle({ type: "received", peer: src, body: body as unknown as Body }),
    );
  }
  handle({ type: "started" });
  return { engine, changed: () => handle({ type: "changed" }) };
}
