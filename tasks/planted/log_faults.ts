/**
 * Faults of the logs of kafka.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

/** The faults. */
export const logFaults = [
  ...faultsIn("lib/protocol/log/lin_kv.ts", "kafka lin-kv", [
    [
      "a send gets the offset after its own",
      `if (index < this.#size) return number * this.#size + index;`,
      `if (index < this.#size) return number * this.#size + index + 1;`,
    ],
    [
      "a message is written to a full chunk in vain",
      `index = messages.length;`,
      `index = Math.min(messages.length, this.#size - 1);`,
    ],
    [
      "a chunk is cached before it is full",
      `if (chunk.length === this.#size) this.#full.set(name, chunk);`,
      `if (chunk.length > 2) this.#full.set(name, chunk);`,
    ],
    [
      "a message replaces the last one of its chunk",
      `return index < this.#size ? [...messages, message] : messages;`,
      `return index < this.#size ? [...messages.slice(0, index && -1), message] : messages;`,
    ],
    [
      "a poll leaves out the first message of its second chunk",
      `for (let next = offset; entries.length < this.#perKey;) {`,
      `for (let next = offset; entries.length < this.#perKey; next++) {`,
    ],
    [
      "a commit replaces a higher one",
      `(current) => Math.max(offset, Number(current ?? 0)),`,
      `() => offset,`,
      "kafka lin-kv commits",
      "tests/protocol/log/lin_kv_test.ts",
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
      `return this.#forwarder.send({ node: this.#first, incarnation: "" }, key, message, request);`,
      `return this.#forwarder.send({ node: this.#first, incarnation: "" }, key, message, request)
      .then((offset) => Math.max(0, offset - 1));`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/forwarder.ts", "kafka single", [
    [
      "a forwarded send is executed each time it arrives",
      `let outcome = sender.outcomes.get(number);`,
      `let outcome = sender.outcomes.get(-number);
    sender.outcomes.delete(number);`,
    ],
    [
      "a send for a former incarnation of the owner is executed",
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
  ...faultsIn("lib/protocol/log/replica.ts", "kafka lamport", [
    [
      "a commit is replicated from the second one on",
      `for (const [key, offset] of higher) this.#updates.raise(key, offset);`,
      `for (const [key, offset] of higher.slice(1)) this.#updates.raise(key, offset);`,
    ],
    [
      "the commits of other nodes are not applied",
      `for (const [key, offset] of commits) this.#commits.raise(key, offset);`,
      `for (const [key, offset] of commits.slice(1)) this.#commits.raise(key, offset);`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/batch_log.ts", "kafka lamport", [
    [
      "a node that restarts waits for one peer only",
      `return this.#options.nodes.every((_, writer) =>`,
      `return this.#options.nodes.some((_, writer) =>`,
    ],
    [
      "an earlier incarnation's late batches count",
      `for (const origin of this.#past) origin.limit = origin.count;`,
      `this.#past.length;`,
      "kafka lamport late-batches",
      // They must arrive at the restarted node itself, from a third node, after it has started.
      "tests/protocol/log/batch_log_test.ts",
    ],
  ]),
  ...faultsIn("lib/protocol/log/origins.ts", "kafka lamport", [
    [
      "a batch is applied before the past that it lists",
      `return past !== undefined && past.count >= count;`,
      `return past !== undefined && past.count >= count - 1;`,
      "kafka lamport late-batches",
      // It takes a restart, and messages of the former incarnation that arrive after it.
      "tests/protocol/log/origins_test.ts",
    ],
    [
      "a node follows whichever incarnation it saw last",
      `if (this.isNewest(origin) || requestedMs < Math.floor(sinceMs)) return;`,
      `if (this.isNewest(origin)) return;`,
      "kafka lamport late-batches",
    ],
  ]),
  ...faultsIn("nodes/kafka.ts", "kafka lamport", [
    [
      "a node may assign what its former incarnation assigned",
      `this.#first = this.counter + 1 + gap;`,
      `this.#first = this.counter + 1 + 0 * gap;`,
      "kafka lamport restarts",
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
      "offsets of two nodes coincide",
      `return counter * count + self;`,
      `return counter * count + Math.min(self, count - 2);`,
    ],
  ]),
  ...faultsIn("lib/protocol/log/owner.ts", "kafka owner", [
    [
      "an owner counts from zero after a restart",
      `for (const entries of this.#keys.values()) entries.next += gap;`,
      `for (const entries of this.#keys.values()) entries.next = 0;`,
    ],
    [
      "a copy has its entries one offset too high",
      `entries.log.append(first + index, message);`,
      `entries.log.append(first + index + 1, message);`,
    ],
    [
      "two nodes own the same key",
      `return this.ownerOf(key) === this.#place.self;`,
      `return this.ownerOf(key) <= this.#place.self;`,
    ],
  ]),
];
