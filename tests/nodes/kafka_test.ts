import { assert, assertEquals } from "std/testing";
import kafka from "../../nodes/kafka.ts";
import { Random } from "../../lib/base/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";
import { commit, committed, poll, send } from "../protocol/log/requests.ts";
import {
  failures,
  faultsFound,
  loweredCommits,
  messagesPerOperation,
  nodeOf,
  run,
} from "../protocol/log/scenarios.ts";

const strategies = ["lamport", "owner", "lin-kv", "single"] as const;
type Strategy = typeof strategies[number];

/** The table at the top of the node, under each fault. */
const claims: Readonly<
  Record<string, Readonly<Record<Strategy, "available" | "safe" | "neither">>>
> = {
  partition: { lamport: "available", owner: "safe", "lin-kv": "available", single: "safe" },
  "one-way": { lamport: "available", owner: "safe", "lin-kv": "available", single: "safe" },
  loss: { lamport: "available", owner: "safe", "lin-kv": "available", single: "safe" },
  slow: { lamport: "available", owner: "safe", "lin-kv": "available", single: "safe" },
  reorder: { lamport: "available", owner: "safe", "lin-kv": "available", single: "safe" },
  duplicate: {
    ...{ lamport: "available", owner: "available", "lin-kv": "available", single: "available" },
  },
  "partial-partition": {
    ...{ lamport: "available", owner: "safe", "lin-kv": "available", single: "safe" },
  },
  skew: { lamport: "available", owner: "available", "lin-kv": "available", single: "available" },
  // A killed or paused node cannot reply, so "available" for the other nodes is tested below.
  pause: { lamport: "safe", owner: "safe", "lin-kv": "safe", single: "safe" },
  kill: { lamport: "neither", owner: "neither", "lin-kv": "safe", single: "neither" },
};

function singleNode(strategy: Strategy, ...args: string[]): FakeNode {
  const store = createServices(new Random(1)).get("lin-kv");
  return new FakeNode(kafka, {
    nodes: ["n1"],
    args: ["--strategy", strategy, ...args],
    answer: (message) => message.dest === "lin-kv" ? store?.handle(message) : undefined,
  });
}

for (const strategy of strategies) {
  Deno.test(`${strategy}: malformed requests are rejected with error 12`, async () => {
    const node = singleNode(strategy);
    const malformed = [
      { type: "send", key: "k" },
      { type: "send", key: 7, msg: 1 },
      { type: "send", msg: 1 },
      { type: "poll" },
      { type: "poll", offsets: { k: -1 } },
      { type: "poll", offsets: { k: 0.5 } },
      { type: "poll", offsets: { k: "0" } },
      { type: "poll", offsets: ["k"] },
      { type: "commit_offsets", offsets: { k: -1 } },
      { type: "commit_offsets", offsets: { k: null } },
      { type: "list_committed_offsets", keys: "k" },
      { type: "list_committed_offsets", keys: [1] },
    ];
    for (const body of malformed) {
      assertEquals((await node.ask(body))?.code, 12, JSON.stringify(body));
    }
    assertEquals(await poll(node, { k: 0 }), {}, "no request had an effect");
  });

  Deno.test(`${strategy}: polls return messages of any JSON type unchanged`, async () => {
    const node = singleNode(strategy);
    const messages = [null, false, 0, -1.5, "", "ü\n", [], [null, [1]], {}, { a: { b: [] } }];
    for (const [offset, message] of messages.entries()) {
      assertEquals(await send(node, "k", message), offset);
    }
    assertEquals(await poll(node, { k: 0 }), { k: messages.map((message, at) => [at, message]) });
  });

  Deno.test(`${strategy}: keys are any strings, and committed offsets never decrease`, async () => {
    const node = singleNode(strategy);
    const keys = ["__proto__", "", "constructor", "a/0", "a", "ü"];
    for (const key of keys) assertEquals(await send(node, key, key), 0);
    const all = (offset: number) => Object.fromEntries(keys.map((key) => [key, offset]));
    const entries = Object.fromEntries(keys.map((key) => [key, [[0, key]]]));
    assertEquals(await poll(node, all(0)), entries);
    assertEquals(await poll(node, { ...all(1), toString: 0, far: Number.MAX_SAFE_INTEGER }), {});
    assertEquals(await poll(node, {}), {});
    assertEquals(await committed(node, keys), {});
    for (const offset of [3, 7, 5]) {
      assertEquals(await commit(node, all(offset)), "commit_offsets_ok");
    }
    assertEquals(await commit(node, {}), "commit_offsets_ok");
    assertEquals(await committed(node, [...keys, "toString", "other"]), all(7));
    assertEquals(await committed(node, []), {});
  });

  Deno.test(`${strategy}: polls return at most their limit, and continue from any offset`, async () => {
    const node = singleNode(strategy, "--per-key", "3");
    for (let entry = 0; entry < 5; entry++) {
      await send(node, "k", entry);
      await send(node, "l", entry);
    }
    const first = [[0, 0], [1, 1], [2, 2]];
    assertEquals(await poll(node, { k: 0, l: 0 }), { k: first, l: first });
    assertEquals(await poll(node, { k: 3 }), { k: [[3, 3], [4, 4]] });
    assertEquals(await poll(node, { k: 5, l: 7, m: 0 }), {});
  });

  for (const [fault, byStrategy] of Object.entries(claims)) {
    const claim = byStrategy[strategy];
    if (claim === "neither") continue;
    Deno.test(`${strategy}: ${claim} under ${fault}`, async () => {
      for (let seed = 0; seed < 3; seed++) {
        const ran = await run(["--strategy", strategy], seed, { faults: [fault] });
        assertEquals(faultsFound(ran), [], `seed ${seed}`);
        assertEquals(loweredCommits(ran), [], `seed ${seed}`);
        if (claim === "available") assertEquals(failures(ran), [], `seed ${seed}`);
        assert(ran.history.length > 100);
      }
    });
  }

  Deno.test(`${strategy}: no anomalies under all faults that it tolerates, together`, async () => {
    const faults = Object.keys(claims).filter((fault) => claims[fault]?.[strategy] !== "neither");
    for (let seed = 0; seed < 6; seed++) {
      const nodes = [2, 3, 5, 7, 3, 1][seed] as number;
      const ran = await run(["--strategy", strategy], seed, {
        faults,
        nodes,
        concurrency: 2 * nodes,
        serialDelivery: seed % 2 === 0,
      });
      assertEquals(faultsFound(ran), [], `seed ${seed}`);
      assertEquals(loweredCommits(ran), [], `seed ${seed}`);
    }
  });
}

Deno.test("owner: polls and commits are available under every network fault", async () => {
  for (const fault of ["partition", "one-way", "loss", "slow", "reorder"]) {
    const ran = await run(["--strategy", "owner"], 1, { faults: [fault] });
    assertEquals(failures(ran).filter(({ f }) => f !== "send"), [], fault);
  }
});

const unsafe = Object.entries(claims).flatMap(([fault, byStrategy]) =>
  strategies.filter((strategy) => byStrategy[strategy] === "neither")
    .map((strategy) => [strategy, fault] as const)
);
for (const [strategy, fault] of unsafe) {
  Deno.test(`${strategy}: anomalies under ${fault}, as the table admits`, async () => {
    const found = new Set<string>();
    for (let seed = 0; seed < 6; seed++) {
      const ran = await run(["--strategy", strategy], seed, { faults: [fault] });
      for (const name of faultsFound(ran)) found.add(name);
    }
    const expected = strategy === "single" ? "inconsistent-offsets" : "lost-write";
    assert(found.has(expected), `found only ${[...found].join(", ")}`);
  });
}

for (const [strategy, fault] of [["lamport", "pause"], ["lin-kv", "pause"], ["lin-kv", "kill"]]) {
  Deno.test(`${strategy}: running nodes serve all requests during the ${fault} of another one`, async () => {
    for (let seed = 0; seed < 3; seed++) {
      const ran = await run(["--strategy", strategy as Strategy], seed, {
        schedule: [
          { at: 2000, f: `start-${fault}`, value: "one", plan: { nodes: ["n0"] } },
          { at: 6000, f: `stop-${fault}`, value: null, plan: null },
        ],
      });
      assertEquals(faultsFound(ran), []);
      assertEquals(failures(ran).filter((operation) => nodeOf(ran, operation) !== "n0"), []);
    }
  });
}

const challenge = { nodes: 2, concurrency: 4, ratePerSecond: 1000, timeLimitSeconds: 4 } as const;
const maxMessagesPerOperation = { lamport: 0.03, owner: 0.5, single: 1.2 };
for (const [strategy, maxMessages] of Object.entries(maxMessagesPerOperation)) {
  Deno.test(`${strategy}: an operation costs at most ${maxMessages} server messages`, async () => {
    for (let seed = 0; seed < 3; seed++) {
      const ran = await run(["--strategy", strategy], seed, {
        ...challenge,
        latency: { meanMs: 0, distribution: "constant" },
      });
      assertEquals(faultsFound(ran), []);
      const messages = messagesPerOperation(ran);
      assert(messages <= maxMessages, `${messages} messages per operation with seed ${seed}`);
    }
  });
}

Deno.test("an idle cluster is silent", async () => {
  for (const strategy of strategies) {
    const ran = await run(["--strategy", strategy], 1, { timeLimitSeconds: 2 });
    const types = ["update", "sync", "probe"];
    // The final operations begin after 12 s.
    const sent = ran.journal.filter(({ type, time, message }) =>
      type === "send" && time > 5e9 && time < 11e9 &&
      types.includes((message.body as { readonly type: string }).type)
    );
    assertEquals(sent.map(({ time, message }) => [time, message]), [], strategy);
  }
});

for (const strategy of ["single", "owner"]) {
  Deno.test(`${strategy}: serves again within one retransmission timeout after a heal`, async () => {
    for (let seed = 0; seed < 3; seed++) {
      const ran = await run(["--strategy", strategy], seed, {
        nodes: 2,
        concurrency: 4,
        schedule: [
          { at: 2000, f: "start-partition", value: "x", plan: { n0: ["n1"], n1: ["n0"] } },
          { at: 6000, f: "stop-partition", value: null, plan: null },
        ],
      });
      for (const node of ["n0", "n1"]) {
        const served = ran.history.find((operation) =>
          operation.type === "ok" && operation.f === "send" && operation.time > 6e9 &&
          nodeOf(ran, operation) === node
        );
        // At its longest, and the time between two sends of a client.
        const maxMs = 1000 + 200;
        assert(Number(served?.time) / 1e6 < 6000 + maxMs, `${node} at ${served?.time}`);
      }
    }
  });
}
