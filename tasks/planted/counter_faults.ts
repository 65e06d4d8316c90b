/**
 * Faults of the counters.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

/** The faults. */
export const counterFaults = [
  ...faultsIn("nodes/g_counter.ts", "g-counter crdt", [
    [
      "totals of a node count under its name, not its incarnation",
      "this.#origin = `${id}.${incarnation}`;",
      "this.#origin = `${id}.${incarnation.slice(0, 0)}`;",
    ],
    [
      "merging adds totals instead of taking the higher one",
      `this.#raise(origin, [added, subtracted], source, now);`,
      `this.#raise(origin, [added + this.#of(origin)[0], subtracted], source, now);`,
    ],
    [
      "merging takes the total that arrived last",
      `if (raised[0] > current[0] || raised[1] > current[1]) {
      this.#log.set(origin, raised, source, now);`,
      `if (added !== current[0] || subtracted !== current[1]) {
      this.#log.set(origin, [added, subtracted], source, now);`,
    ],
    [
      "a higher second total alone is not merged",
      `if (raised[0] > current[0] || raised[1] > current[1]) {`,
      `if (raised[0] > current[0]) {`,
      "pn-counter crdt",
    ],
    [
      "a message leaves out the second total",
      `subtracted === 0 ? [key, added] : [key, added, subtracted]`,
      `subtracted < added ? [key, added] : [key, added, subtracted]`,
      "pn-counter crdt",
    ],
    [
      "a lower total is taken to include a higher one",
      `return sum <= added + subtracted;`,
      `return sum <= 0 || added + subtracted > 0;`,
    ],
  ]),
  ...faultsIn("lib/protocol/counter/cas.ts", "g-counter cas", [
    [
      "an addition replaces the sum",
      `(sum) => Number(sum ?? 0) + delta,`,
      `(sum) => Math.max(Number(sum ?? 0), delta),`,
    ],
    [
      "a read does not catch up first",
      "      await seq.write(`${id}/nonce`, `${incarnation}/${++reads}`, options);\n",
      "",
    ],
    [
      "a read catches up with the same value each time",
      "`${incarnation}/${++reads}`",
      "`${incarnation}/${reads}`",
    ],
  ]),
  ...faultsIn("lib/protocol/counter/seq_kv.ts", "g-counter seq-kv", [
    [
      "a restarted node does not recover its total",
      `    if (found.by !== incarnation) this.#ownTotal += found.total - (this.#written?.total ?? 0);
`,
      ``,
    ],
    [
      "a total that is recovered again counts twice",
      `this.#ownTotal += found.total - (this.#written?.total ?? 0);`,
      `this.#ownTotal += found.total;`,
    ],
    [
      "what is recovered replaces what was added meanwhile",
      `this.#ownTotal += found.total - (this.#written?.total ?? 0);`,
      `this.#ownTotal = found.total;`,
    ],
    [
      "an older total of a peer replaces a newer one",
      `if (found.round >= current.round) this.#peerTotals.set(peer, found);`,
      `if (current !== found) this.#peerTotals.set(peer, found);`,
      "g-counter seq-kv reads",
    ],
    [
      "a total counts as written when its write failed",
      `    this.#isInDoubt = true;
    if (before`,
      `    this.#written = next;
    if (before`,
    ],
    [
      "a late write replaces a newer total",
      `else await kv.seq.cas(id, { ...before }, next, CALL);`,
      `else await kv.seq.write(id, next, CALL);`,
    ],
    [
      "a round without additions reads an old state",
      `      const known = this.#isInDoubt ? undefined : this.#written;
`,
      `      const known = this.#isInDoubt ? undefined : this.#written;
      if (known !== undefined && !this.hasUnwritten) return;
`,
    ],
  ]),
  ...faultsIn("lib/protocol/counter/peers.ts", "g-counter peers", [
    [
      "a late reply replaces a newer total",
      `    if (isNewer) this.#newest = reply;`,
      `    if (isNewer || request > 0) this.#newest = reply;`,
      "g-counter peers reads",
    ],
    [
      "a peer in a new incarnation keeps its former total",
      `      : request > this.#lastAnswered;`,
      `      : newest === undefined && request > this.#lastAnswered;`,
    ],
    [
      "a request is not retransmitted",
      `const options = { timeoutMs: this.#timeoutMs, retry: RETRANSMISSION };`,
      `const options = { timeoutMs: this.#timeoutMs };`,
      "g-counter peers losses",
    ],
    [
      "a total counts when it is newer by two additions",
      `? reply.seq >= newest.seq`,
      `? reply.seq > newest.seq + 1`,
    ],
  ]),
];
