#!/usr/bin/env -S deno run
/**
 * A grow-only set: each node sends all its elements to all others every half second.
 *
 * @module
 */

import { contract, defineNode, type Json, schema, serve } from "@gossip/workbench/node";

const GOSSIP_INTERVAL_MS = 500;

const growOnlySet = defineNode({ serves: contract.gSet }, (node) => {
  const elements = new Set<Json>();
  node.on("gossip", { batch: schema.array(schema.json) }, ({ batch }) => {
    for (const element of batch) elements.add(element);
  });
  node.every(GOSSIP_INTERVAL_MS, () => {
    for (const peer of node.peers) node.send(peer, { type: "gossip", batch: [...elements] });
  });
  return {
    add({ element }) {
      elements.add(element);
      return {};
    },
    read: () => ({ value: [...elements] }),
  };
});

export default growOnlySet;
if (import.meta.main) await serve(growOnlySet);
