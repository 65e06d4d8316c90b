/**
 * Faults of replicated registers.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

/** The faults. */
export const registerFaults = [
  ...faultsIn("lib/replication/change_log.ts", "txn-rw-register causal", [
    [
      "compaction drops the latest change of the first key",
      `this.#changes = this.#changes.filter((change) => this.#isLatest(change));
      invariant(this.#changes.length === this.#latest.size, "each key has one latest change");`,
      `this.#changes = this.#changes.filter((change) => this.#isLatest(change)).slice(1);`,
    ],
    [
      "the search for a position ends one too late",
      `else low = middle + 1;`,
      `else low = middle + 2;`,
      "g-counter crdt",
    ],
    [
      "the change at a position is left out of its delta",
      `if ((this.#changes[middle] as Change<V>).position >= position) high = middle;`,
      `if ((this.#changes[middle] as Change<V>).position > position) high = middle;`,
    ],
    [
      "a summary hides changes from a peer that lacks them",
      `return source !== receiver.source && !isIncluded;`,
      `return source !== receiver.source && receiver.summary === undefined;`,
    ],
  ]),
  ...faultsIn("nodes/txn_rw_register.ts", "txn-rw-register causal", [
    [
      "equal timestamps are not ordered by writer",
      `return counter > current.counter || (counter === current.counter && writer > current.writer);`,
      `return counter > current.counter && writer !== "";`,
    ],
    [
      "of equal timestamps the later arrival wins",
      `return counter > current.counter || (counter === current.counter && writer > current.writer);`,
      `return counter >= current.counter && writer !== "";`,
    ],
    [
      "the later arrival wins",
      `      if (current !== undefined && !isLater(counter, writer, current)) continue;
`,
      ``,
    ],
    [
      "the counter does not follow what is received",
      `this.#counter = Math.max(this.#counter, counter);`,
      `if (source === undefined) this.#counter = counter;`,
      // A node's own write then loses to an older one, which read committed allows.
      "txn-rw-register causal sessions",
    ],
    [
      "the counter goes back to that of a delta",
      `this.#counter = Math.max(this.#counter, counter);`,
      `this.#counter = counter;`,
    ],
    [
      "a writer is a node, not its incarnation",
      "this.#writer = `${id}.${incarnation}`;",
      "this.#writer = `${id}.${incarnation.slice(0, 0)}`;",
    ],
    [
      "the first write to a key in a transaction counts",
      `const last = new Map(writes.map((write) => [canonicalKey(write[0]), write]));`,
      `const last = new Map(writes.toReversed().map((write) => [canonicalKey(write[0]), write]));`,
    ],
    [
      "a delta carries one write of each transaction",
      `...writes.flatMap(({ key, value }) => [key, value]),`,
      `...writes.slice(0, 1).flatMap(({ key, value }) => [key, value]),`,
    ],
    [
      "a commit of one write is not sent",
      `      registers.commit(writes, node.monotonic());
      changed();`,
      `      registers.commit(writes, node.monotonic());
      if (writes.length !== 1) changed();`,
    ],
    [
      "a replica claims to have one more transaction of each writer",
      `this.#received.set(writer, Math.max(counter, this.#received.get(writer) ?? 0));`,
      `this.#received.set(writer, counter + 1);`,
    ],
  ]),
  ...faultsIn("lib/protocol/txn/read_committed.ts", "txn-rw-register read-committed", [
    [
      "each statement commits what its transaction has written",
      `    results.push(...own.run([operation]));
`,
      `    results.push(...own.run([operation]));
    store.commit(own.writes);
`,
    ],
  ]),
  ...faultsIn("lib/protocol/txn/read_uncommitted.ts", "txn-rw-register read-uncommitted", [
    [
      "writes stay visible as uncommitted after their commit",
      `  uncommitted.remove(own);
`,
      ``,
    ],
  ]),
];
