/**
 * Faults of the replication engine.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

/** The faults. */
export const replicationFaults = [
  ...faultsIn("lib/replication/engine.ts", "g-set", [
    [
      "a peer in a new incarnation gets no sync",
      `if (isMismatch && !isRequest) this.sync(session, now);`,
      ``,
    ],
    [
      "a probe gets no answer",
      `if (urgent) session.ackOwedSinceMs = -Infinity;`,
      ``,
      "broadcast tree",
    ],
    [
      "an update beyond a gap counts as received",
      `if (!isNext) session.receiveAhead(from, to, now);
    else if (from < to) {`,
      `if (from < to) {`,
      "broadcast retry",
    ],
    [
      "an ordered delta is merged across a gap",
      `if (delta !== undefined && (isNext || !this.state.isOrdered)) this.state.merge(delta, me, now);`,
      `if (delta !== undefined) this.state.merge(delta, me, now);`,
      "txn-rw-register causal",
    ],
    [
      "a new incarnation of a peer goes on with the session of the former one",
      `const met = isOther ? this.#start(session.peer, session.isPassive) : session;`,
      `const met = session;`,
    ],
    [
      "a sync request is not answered",
      `if (!isReply) this.#send(session, now, { type: "sync", ...this.#summary, answers: time });`,
      ``,
    ],
    [
      "a summary counts as received although something is missing",
      `if (this.state.includes(summary)) session.advance(at);`,
      `session.advance(at);`,
    ],
    [
      "an advertisement counts as received",
      `if (this.state.includes(ihave.summary)) session.receive(ihave.at, now);
    else {`,
      `session.receive(ihave.at, now);
    if (!this.state.includes(ihave.summary)) {`,
      "broadcast mesh",
    ],
    [
      "a new incarnation does not greet its peers",
      `this.#greetAtMs = now + GREET_DELAY_MS;`,
      ``,
    ],
    [
      "suspected peers are never probed",
      `      this.#prober.suspect(now);
`,
      ``,
      "broadcast tree",
    ],
    [
      "an unreachable peer is not reached through others",
      `    this.#prober.reach(relay, now);
`,
      ``,
      "broadcast hub",
    ],
  ]),
  ...faultsIn("lib/replication/session.ts", "g-set", [
    [
      "an acknowledgement covers what was sent after it",
      `this.acked = Math.min(position, this.state.version);`,
      `this.acked = this.sent;`,
      "broadcast retry",
    ],
    [
      "a suspected peer stays suspected",
      `    this.timeouts = 0;
    this.isSuspected = false;`,
      `    this.timeouts = 0;`,
      "broadcast tree",
    ],
    [
      "a timeout does not go back to what is acknowledged",
      `    this.timeouts++;
    this.#rewindTo(this.acked);`,
      `    this.timeouts++;`,
      "broadcast retry",
      // The repair by a random peer delivers what is not sent again.
      "tests/replication/session_test.ts",
    ],
    [
      "a summary is taken to include everything so far",
      `this.#rewindTo(Math.min(position, this.state.version));`,
      `this.#rewindTo(this.state.version);`,
    ],
    [
      "an update ahead closes the gap before it",
      `if (ahead === undefined || ahead.from > position) return;`,
      `if (ahead === undefined) return;`,
      "broadcast retry",
    ],
    [
      "no change is sent while a summary is known",
      `return this.#scanned < this.state.version ? this.#scanned : undefined;`,
      `return this.#scanned + 1 < this.state.version ? this.#scanned : undefined;`,
    ],
  ]),
  ...faultsIn("lib/replication/entry_log.ts", "g-set", [
    [
      "a delta ends at the limit, and counts as complete",
      `    return { to, delta: runs };`,
      `    return { to: this.version, delta: runs };`,
    ],
    [
      "the entry after a full delta is left out",
      `    return { to, delta: runs };`,
      `    return { to: Math.min(this.version, to + 1), delta: runs };`,
    ],
    [
      "entries are named after the node, not its incarnation",
      "this.#origin = `${id}.${incarnation}`;",
      "this.#origin = `${id}.${incarnation.slice(0, 0)}`;",
    ],
    [
      "a gap in the entries of an origin goes unnoticed",
      `} else known.beyond.add(sequence);`,
      `} else known.contiguous = sequence + 1;`,
      "broadcast mesh",
    ],
    [
      "an entry beyond a gap is dropped",
      `} else known.beyond.add(sequence);`,
      `} else return false;`,
      "broadcast mesh",
    ],
    [
      "a summary counts one entry too many",
      `contiguous > 0 ? [[origin, contiguous]] : []`,
      `contiguous > 0 ? [[origin, contiguous + 1]] : []`,
    ],
    [
      "a summary is compared with one origin only",
      `return Object.entries(summary as Summary).every(([origin, count]) =>`,
      `return Object.entries(summary as Summary).some(([origin, count]) =>`,
    ],
    [
      "entries of other replicas are not passed on",
      `return entry.source !== source && !isSummarised(entry, summary);`,
      `return entry.source === undefined && source !== undefined && !isSummarised(entry, summary);`,
      "broadcast tree",
    ],
    [
      "the last entry that a summary includes is taken for the first that it lacks",
      `return Object.hasOwn(counts, origin) && sequence < (counts[origin] as number);`,
      `return Object.hasOwn(counts, origin) && sequence <= (counts[origin] as number);`,
    ],
  ]),
  ...faultsIn("lib/replication/gossip.ts", "g-set", [
    [
      "nodes of a large cluster gossip within one half of it",
      `  return [...neighbours];
`,
      `  const isInFirst = (node: string) => nodes.indexOf(node) < nodes.length / 2;
  return [...neighbours].filter((other) => isInFirst(other) === isInFirst(id));
`,
    ],
  ]),
];
