/**
 * Faults of unique ids and of the proxy of lin-kv.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

/** The faults. */
export const storeFaults = [
  ...faultsIn("nodes/unique_ids.ts", "unique-ids counter", [
    [
      "ids begin again in a new incarnation",
      "const prefix = `${node.id}-${time}.${nonce}-`;",
      "const prefix = `${node.id}-${time.slice(0, 0)}${nonce.slice(0, 0)}-`;",
    ],
    [
      "ids lack the node",
      "const prefix = `${node.id}-${time}.${nonce}-`;",
      "const prefix = `${time}-${nonce.slice(0, 0)}-`;",
    ],
    [
      "the first id of the next block is used as well",
      `    while (next === end) await (reservation ??= reserve());
    invariant(next < end, "an id lies within its block");`,
      `    while (end === 0 || next > end) await (reservation ??= reserve());`,
      "unique-ids lin-kv",
    ],
    [
      "a block begins with the last id of the block before",
      `      next = end - block;`,
      `      next = end - block - 1;`,
      "unique-ids lin-kv",
    ],
    [
      "a sequence starts again without a later millisecond",
      `      time = Math.max(now, time + 1);
`,
      `      time = now;
`,
      "unique-ids snowflake",
    ],
    [
      "sequence numbers overlap with those of the next node",
      `const origin = node.nodes.indexOf(node.id) * SNOWFLAKE_SEQUENCES;`,
      `const origin = node.nodes.indexOf(node.id) * 2;`,
      "unique-ids snowflake",
    ],
    [
      "two nodes count from the same integer",
      `let next = start * nodes + node.nodes.indexOf(node.id);`,
      `let next = start * nodes + Math.max(1, node.nodes.indexOf(node.id));`,
      "unique-ids modulo",
    ],
  ]),
  ...faultsIn("lib/protocol/consensus/proxy.ts", "lin-kv proxy", [
    [
      "a timeout is a definite error",
      `reject(new RpcError(ErrorCode.timeout, text));`,
      `reject(new RpcError(ErrorCode.temporarilyUnavailable, text));`,
    ],
    [
      "a write is acknowledged before it is stored",
      `    async write(_fields, { body }) {
      await service.forward(body);`,
      `    write(_fields, { body }) {
      service.forward(body).catch(() => {});`,
    ],
    [
      "a compare-and-set becomes a write",
      `    async cas(_fields, { body }) {
      await service.forward(body);`,
      `    async cas(_fields, { body }) {
      await service.forward({ ...body, type: "write", value: body.to ?? null });`,
    ],
  ]),
];
