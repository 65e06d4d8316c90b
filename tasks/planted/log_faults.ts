/**
 * Faults of the logs of kafka.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

/** The faults. */
export const logFaults = [
  ...faultsIn("lib/protocol/log/chunk_store.ts", "kafka lin-kv", [
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
      "kafka lin-kv",
      // The send ends with error 0, so it may have failed.
      "tests/protocol/log/lin_kv_test.ts",
    ],
  ]),
  ...faultsIn("lib/protocol/log/lin_kv.ts", "kafka lin-kv", [
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
      "kafka lin-kv commits",
      "tests/protocol/log/lin_kv_test.ts",
    ],
    [
      "a poll leaves out the first message of its second chunk",
      `const firstIndex = Math.max(0, first - chunkOffset);`,
      `const firstIndex = first < chunkOffset ? 1 : first - chunkOffset;`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/single.ts", "kafka single", [
    [
      "a forwarded commit is not executed",
      `const body = { type: "commit_offsets", offsets: { ...offsets } };`,
      `const body = { type: "commit_offsets", offsets: {} };`,
    ],
    [
      "a send of another node gets the offset before its own",
      `return this.#forwarder.send(key, message, request);`,
      `return this.#forwarder.send(key, message, request).then((offset) => Math.max(0, offset - 1));`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/forwarder.ts", "kafka single", [
    [
      "a forwarded batch is executed each time it arrives",
      `let outcome = sender.outcomes.get(number);`,
      `let outcome = sender.outcomes.get(-number);
    sender.outcomes.delete(number);`,
    ],
    [
      "a batch for a former incarnation of the owner is executed",
      `if (owner !== "" && owner !== node.incarnation) {`,
      `if (owner === "none") {`,
      "kafka owner",
    ],
    [
      "the outcomes of a sender are dropped with those of another one",
      `for (; sender.oldest < oldest; sender.oldest++) sender.outcomes.delete(sender.oldest);`,
      `sender.outcomes.clear();`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/commits.ts", "kafka lamport", [
    [
      "a commit is replicated from the second one on",
      `for (const [key, offset] of higher) this.#updates.raise(key, offset);`,
      `for (const [key, offset] of higher.slice(1)) this.#updates.raise(key, offset);`,
    ],
    [
      "a snapshot lacks the committed offsets",
      `return [this.#source.snapshot(), this.#commits.pairs()];`,
      `return [this.#source.snapshot(), []];`,
    ],
    [
      "the commits of other nodes are not applied",
      `    this.#source.apply(writer, part);
    this.#merge(commits);`,
      `    this.#source.apply(writer, part);
    if (commits.length > 1) this.#merge(commits);`,
    ],
  ]),
  ...faultsIn("nodes/kafka.ts", "kafka lamport", [
    [
      "a node may assign what its former incarnation assigned",
      `this.#first = this.counter + 1 + gap;`,
      `this.#first = this.counter + 1 + 0 * gap;`,
      "kafka lamport",
      // What the former incarnation assigned must reach another node after the restart only.
      "tests/protocol/log/lamport_log_test.ts",
    ],
    [
      "the clock of a log does not follow what is received",
      `    log.counter = counter;
    this.#updateOf(key);`,
      `    this.#updateOf(key);`,
    ],
    [
      "polls return entries above the low watermark",
      `const lowWatermark = Math.min(...this.watermarks);`,
      `const lowWatermark = Math.max(...this.watermarks);`,
    ],
    [
      "the entry at the low watermark is left out",
      `if (counter > from) this.#unstable.push([offset, messages[index] as Json]);`,
      `if (counter > from + 1) this.#unstable.push([offset, messages[index] as Json]);`,
    ],
    [
      "entries up to the next watermark count as stable",
      `const end = (lowWatermark + 1) * this.watermarks.length;`,
      `const end = (lowWatermark + 2) * this.watermarks.length;`,
    ],
    [
      "a batch that arrives again is applied again",
      `if (counter > from) this.#unstable.push([offset, messages[index] as Json]);`,
      `if (counter > NONE) this.#unstable.push([offset, messages[index] as Json]);`,
    ],
    [
      "offsets of two nodes coincide",
      `return counter * count + self;`,
      `return counter * count + Math.min(self, count - 2);`,
    ],
    [
      "a snapshot lacks what is not yet stable",
      `return [...this.stable.read(0, Infinity), ...this.#unstable.sort(byOffset)];`,
      `return [...this.stable.read(0, Infinity)];`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/owner.ts", "kafka owner", [
    [
      "a snapshot leaves out the gaps of a log",
      `if (run !== undefined && run[1] + run[2].length === offset) run[2].push(message);`,
      `if (run !== undefined) run[2].push(message);`,
    ],
    [
      "an entry that arrives again moves the others",
      `if (first + index >= log.endOffset) log.append(first + index, message);`,
      `log.append(Math.max(log.endOffset, first + index), message);`,
    ],
    [
      "two nodes own the same key",
      `return this.ownerOf(key) === this.#settings.self;`,
      `return this.ownerOf(key) <= this.#settings.self;`,
    ],
  ]),
];
