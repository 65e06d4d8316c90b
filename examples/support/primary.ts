/**
 * Consistency by a fixed primary: the first node executes all requests, and the others forward
 * theirs. There are no replicas that could diverge. A node that is partitioned from the primary is
 * unavailable.
 *
 * @module
 */

import type { Body, Node } from "../../lib/node/mod.ts";
import type { Fields, InferFields } from "../../lib/wire/mod.ts";

/** Handles requests of a type on the primary; forwards them on every other node. */
export function onPrimary<F extends Fields>(
  node: Node,
  type: string,
  fields: F,
  handler: (body: InferFields<F>) => Body | Promise<Body>,
): void {
  node.on(type, fields, (body, message) => {
    const primary = node.nodes[0] as string;
    return primary === node.id ? handler(body) : node.rpc(primary, message.body);
  });
}
