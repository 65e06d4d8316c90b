#!/usr/bin/env -S deno run
/**
 * A lock that the node n0 keeps; the other nodes forward requests to it. With `--lease MS` it is
 * given to another client after this time, although its holder has not released it.
 *
 * @module
 */

import { flag, RpcError, schema, serve, withFlags } from "@gossip/workbench/node";

const KEEPER = "n0";

const lock = withFlags({
  flags: {
    lease: flag.number({ placeholder: "MS", help: "when the lock expires; 0 never", default: 0 }),
  },
}, (node, { lease }) => {
  let holder: string | undefined;
  let sinceMs = 0;

  function acquire(client: string): void {
    const isExpired = lease > 0 && node.monotonic() >= sinceMs + lease;
    if (holder !== undefined && !isExpired) throw new RpcError(22, `${holder} holds the lock`);
    holder = client;
    sinceMs = node.monotonic();
  }

  function release(client: string): void {
    if (holder !== client) throw new RpcError(22, `${client} does not hold the lock`);
    holder = undefined;
  }

  for (const [type, handle] of Object.entries({ acquire, release })) {
    node.on(type, { client: schema.string }, async ({ client }) => {
      if (node.id === KEEPER) handle(client);
      else await node.rpc(KEEPER, { type, client });
      return { type: `${type}_ok` };
    });
  }
});

export default lock;
if (import.meta.main) await serve(lock);
