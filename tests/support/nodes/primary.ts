/**
 * The simplest way to be consistent: the first node does all the work, the others pass requests on.
 * Nothing is replicated, so nothing can disagree; a node cut off from the first answers nothing.
 *
 * @module
 */

import type { Body, Node } from "../../../lib/node/mod.ts";
import type { Fields, InferFields } from "../../../lib/wire/mod.ts";

/** Handles requests of a type on the first node. */
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
