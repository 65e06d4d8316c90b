/**
 * Faults of unique ids, of logs, and of the proxy of lin-kv.
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
  ...faultsIn("lib/protocol/log/chunk.ts", "kafka lin-kv", [
    [
      "a batch with an unknown outcome is not recognised",
      `return last?.[0] === number ? last[1] : undefined;`,
      `return last?.[0] === number + 1 ? last[1] : undefined;`,
    ],
    [
      "the position of a batch is that of its last message",
      `const position: [number, number] = [number, chunk.messages.length];`,
      `const position: [number, number] = [number, chunk.messages.length + messages.length - 1];`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/chunk_appender.ts", "kafka lin-kv", [
    [
      "a batch without a reply is sealed again",
      `} else if (isRefused || chunk.messages.length > sizeOf(tail)) {`,
      `} else {`,
    ],
    [
      "a batch gets the offsets after its own",
      `this.#succeed(tail.number * this.#store.size + index, sends);`,
      `this.#succeed(tail.number * this.#store.size + index + 1, sends);`,
    ],
    [
      "two sends of a batch are acknowledged with one offset",
      `resolve(offset + index);`,
      `resolve(offset + (index > 1 ? index - 1 : index));`,
    ],
    [
      "the send that does not fit into a chunk is dropped",
      `const sends = this.#queue.splice(0, maxMessages);`,
      `const sends = this.#queue.splice(0, maxMessages + 1).slice(0, maxMessages);`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/chunk_store.ts", "kafka lin-kv", [
    [
      "a chunk is cached before it is full",
      `    if (this.isFull(chunk)) this.#full.set(name, chunk);
    return chunk;`,
      `    if (chunk.messages.length > 2) this.#full.set(name, chunk);
    return chunk;`,
    ],
    [
      "the search for the last chunk ends one too late",
      `if (this.isFull(chunk)) full = middle + 1;`,
      `if (this.isFull(chunk)) full = middle + 2;`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/commit_store.ts", "kafka lin-kv", [
    [
      "an offset counts as committed when another node was first",
      `if (!hasCode(error, ErrorCode.preconditionFailed)) throw error;`,
      `if (hasCode(error, ErrorCode.preconditionFailed)) return;
        throw error;`,
    ],
    [
      "a commit replaces a higher one",
      `else await lin.cas(nameOf(key), current, offset, options);`,
      `else await lin.write(nameOf(key), offset, options);`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/lin_kv.ts", "kafka lin-kv", [
    [
      "a poll leaves out the first message of its second chunk",
      `const firstIndex = Math.max(0, first - chunkOffset);`,
      `const firstIndex = first < chunkOffset ? 1 : first - chunkOffset;`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/single.ts", "kafka single", [
    [
      "a forwarded commit is not executed",
      'const body = { type: "commit_offsets", offsets: { ...offsets } };',
      'const body = { type: "commit_offsets", offsets: {} };',
    ],
    [
      "a send of another node gets the offset before its own",
      `return (await this.#call(body, sendReply, request)).offset;`,
      `return Math.max(0, (await this.#call(body, sendReply, request)).offset - 1);`,
    ],
    [
      "a forwarded send is repeated after a timeout",
      `return (await this.#call(body, sendReply, request)).offset;`,
      `return (await this.#callIdempotent(body, sendReply, request)).offset;`,
    ],
  ]),
  ...faultsIn("nodes/lin_kv.ts", "lin-kv proxy", [
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
