/**
 * Faults of transactions on a root in lin-kv.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

const FOLDER = "lib/protocol/txn/root";

/** The faults. */
export const rootFaults = [
  ...faultsIn(`${FOLDER}/log.ts`, "txn-list-append root", [
    [
      "the root forgets the sessions of other batches",
      `[...others, ...batches]);`,
      `[...others.slice(0, 0), ...batches]);`,
    ],
    [
      "a compaction leaves out the oldest write",
      `const writes = this.#state.writes.slice(-length).flat();`,
      `const writes = this.#state.writes.slice(1 - length).flat();`,
      "txn-list-append root",
      // A node that cannot read the thunk forwards to one that need not read it. Clients only
      // notice if all nodes restart.
      "tests/protocol/txn/root/log_test.ts",
    ],
    [
      "writes of a newer root are applied from the write before",
      `this.#state.append(writes.slice(this.length - start));`,
      `this.#state.append(writes.slice(Math.max(0, this.length - start - 1)));`,
    ],
    [
      "a segment holds the oldest writes instead of the newest",
      `const writes = this.#state.writes.slice(-length).flat();`,
      `const writes = this.#state.writes.slice(0, length).flat();`,
    ],
  ]),
  ...faultsIn(`${FOLDER}/commit.ts`, "txn-list-append root", [
    [
      "a batch that is committed already runs again",
      `if (planned.has(session) || lastSequence >= sequence) continue;`,
      `if (planned.has(session)) continue;`,
    ],
    [
      "the results of a committed batch are read from the newest state",
      `const then = log.fork(start);`,
      `const then = log.fork(log.length - 0 * start);`,
    ],
    [
      "a read-only batch is not confirmed",
      `return await this.#refresh() ? planCommit(this.#log, batches) : undefined;`,
      `return planCommit(this.#log, batches);`,
    ],
    [
      "a commit that was refused is acknowledged",
      `      else this.#node.sometimes("the outcome of a commit was unknown");
      return undefined;`,
      `      else this.#node.sometimes("the outcome of a commit was unknown");
      return isRefused ? plan : undefined;`,
    ],
    [
      "a commit whose outcome is unknown is acknowledged",
      `      else this.#node.sometimes("the outcome of a commit was unknown");
      return undefined;`,
      `      else this.#node.sometimes("the outcome of a commit was unknown");
      return isRefused ? undefined : plan;`,
    ],
    [
      "a batch that is tried again gets a new number",
      `this.#pending.unshift(...batches);`,
      `this.#pending.unshift(
        ...batches.map((batch) => ({ ...batch, sequence: batch.sequence + 1 })),
      );`,
    ],
  ]),
  ...faultsIn(`${FOLDER}/read_index.ts`, "txn-list-append root", [
    [
      "reports from before a read confirm it",
      `report !== undefined && report.after >= arrivedAt && report.applied <= length;`,
      `report !== undefined && report.applied <= length;`,
    ],
    [
      "one peer is a quorum",
      `return this.#node.peers.every((peer) => {`,
      `return this.#node.peers.some((peer) => {`,
    ],
  ]),
  ...faultsIn(`${FOLDER}/forward.ts`, "txn-list-append root", [
    [
      "a forwarded batch is committed here under a new number",
      `      return this.#committer.commit(batch, id, OWN_REPORT);
    }`,
      `      const again = { ...batch, sequence: ++this.#lastSequence };
      return this.#committer.commit(again, id, OWN_REPORT);
    }`,
    ],
    [
      "a transaction in a batch fails for certain when its request expires",
      `if (!this.#waiting.includes(waiting)) return reject(signal.reason);`,
      ``,
    ],
  ]),
  ...faultsIn("lib/protocol/txn/transaction.ts", "txn-list-append root", [
    [
      "reads of a forwarded batch are filled in one place too late",
      `reads[next++] ?? null] : operation;`,
      `reads[++next] ?? null] : operation;`,
    ],
  ]),
];
