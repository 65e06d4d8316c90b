/**
 * Faults of the broadcast strategies.
 *
 * @module
 */

import { faultsIn } from "./planted_fault.ts";

const HUB = "broadcast hub";
// The engine's repair delivers everything in the end: later, or with more messages.
const HUB_TEST = "tests/protocol/broadcast/hub_test.ts";
const TRANSCRIPTS_TEST = "tests/transcripts/transcripts_test.ts";

/** The faults. */
export const broadcastFaults = [
  ...faultsIn("nodes/broadcast.ts", HUB, [
    [
      "a node without a hub does not ask for one again",
      `    this.#seekAtMs = now + this.#seekDelayMs;
`,
      ``,
      HUB,
      TRANSCRIPTS_TEST,
    ],
    [
      "a hub does not tell others that theirs is gone",
      `if (!this.#isLower(peer) && isSecond) engine.send(peer, { type: "here" });`,
      ``,
      HUB,
      TRANSCRIPTS_TEST,
    ],
    [
      "a late message ends the session of a leaf that has come back",
      `else if (time as number >= session.peerTimeMs) engine.sessions.delete(peer);`,
      `else engine.sessions.delete(peer);`,
      HUB,
      HUB_TEST,
    ],
    [
      "a hub flushes to its first leaf only",
      `for (const leaf of leaves) engine.push(leaf, now);`,
      `for (const leaf of leaves.slice(0, 1)) engine.push(leaf, now);`,
      `${HUB} flushes`,
    ],
    [
      "a node never returns to a lower hub",
      `if (this.#isLower(event.session.peer, this.#hub)) engine.sync(event.session, now);`,
      ``,
      HUB,
      TRANSCRIPTS_TEST,
    ],
    [
      "the second node takes the last one for its hub",
      `    this.#hub = node.nodes[0] as string;`,
      `    this.#hub = (node.id === node.nodes[1] ? node.nodes.at(-1) : node.nodes[0]) as string;`,
      HUB,
      HUB_TEST,
    ],
  ]),
  ...faultsIn("lib/protocol/broadcast/batch.ts", "broadcast batch", [
    [
      "a node keeps only the first suggested neighbour",
      `    for (const peer of neighbours) {
`,
      `    for (const peer of neighbours.slice(0, 1)) {
`,
      "broadcast batch",
      // The restarted node must be the only path between two others that have nothing else to send.
      "tests/transcripts/transcripts_test.ts",
    ],
  ]),
  ...faultsIn("lib/protocol/broadcast/mesh.ts", "broadcast mesh", [
    [
      "the first node does not pass on what it received by repair",
      `for (const session of engine.sessions.values()) session.request();`,
      ``,
      "broadcast mesh",
      TRANSCRIPTS_TEST,
    ],
  ]),
  ...faultsIn("lib/protocol/broadcast/plumtree.ts", "broadcast plumtree", [
    [
      "a lazy link never carries an advertisement",
      `return advertiseAtMs(session, pendingMs, this.options.intervalMs);`,
      `return Infinity;`,
    ],
  ]),
  ...faultsIn("lib/protocol/broadcast/tree.ts", "broadcast tree", [
    [
      "a node does not send to its parent",
      `peers: () => neighbours,`,
      `peers: () => neighbours.filter((peer) => node.nodes.indexOf(peer) > node.nodes.indexOf(node.id)),`,
    ],
  ]),
  ...faultsIn("lib/protocol/broadcast/strategy.ts", "broadcast tree", [
    [
      "the last child of a node is left out of the tree",
      `const children = Array.from({ length: fanout }, (_, child) => index * fanout + child + 1);`,
      `const children = Array.from({ length: fanout - 1 }, (_, child) => index * fanout + child + 1);`,
      "broadcast tree restarts",
      // The child's own link to its parent repairs it, unless the parent has restarted since.
      "tests/protocol/broadcast/overlays_test.ts",
    ],
    [
      "a value is stored, and not sent when it came before from elsewhere",
      `add: (value) => log.add(value, node.monotonic()) && changed(),`,
      `add: (value) => log.add(value, node.monotonic()) && log.version % 7 !== 0 && changed(),`,
      "broadcast retry",
    ],
  ]),
];
