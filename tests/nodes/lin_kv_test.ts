import { assert, assertEquals } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import { createServices } from "../../lib/service/mod.ts";
import type { Body } from "../../lib/wire/mod.ts";
import { expectValid, simulate } from "../../lib/workbench/mod.ts";
import { linKv as workload } from "../../lib/workload/lin_kv.ts";
import program from "../../nodes/lin_kv.ts";
import { explore, FAULTS } from "../protocol/txn/explored.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

Deno.test("proxy is linearizable under every fault, loss of memory included", async () => {
  for (let seed = 0; seed < 20; seed++) {
    const faults = [...FAULTS, "kill"];
    const exploring = { program, workload, models: [], strategy: "proxy", faults };
    assertEquals((await explore(exploring, seed)).failure, [], `seed ${seed}`);
  }
});

Deno.test("proxy costs two messages an operation, and a partition does not touch it", async () => {
  const run = await simulate({
    program,
    workload,
    options: {
      nodes: 3,
      concurrency: 12,
      ratePerSecond: 30,
      timeLimitSeconds: 30,
      latency: { meanMs: 20, distribution: "exponential" },
      nemesis: ["partition"],
    },
  });
  expectValid(run);
  const { history } = run.record;
  const operations =
    history.filter(({ type, process }) => type === "invoke" && process !== "nemesis").length;
  // Each node asks once how long a round trip takes.
  assertEquals(
    (run.results.net as { servers: { "msg-count": number } }).servers["msg-count"],
    2 * operations + 2 * 3,
  );
  assertEquals(history.filter(({ type, process }) => type === "info" && process !== "nemesis"), []);
});

for (
  const [distribution, mean, most] of [
    ["constant", 500, 0],
    ["constant", 1000, 0],
    ["uniform", 500, 0.01],
    ["exponential", 200, 0.01],
    ["exponential", 500, 0.02],
  ] as const
) {
  Deno.test(`with ${distribution} latencies of ${mean} ms hardly anybody is refused`, async () => {
    let operations = 0;
    let unknown = 0;
    for (let seed = 0; seed < 8; seed++) {
      const latency = { meanMs: mean, distribution };
      const options = {
        nodes: 3,
        concurrency: 12,
        ratePerSecond: 30,
        timeLimitSeconds: 30,
        latency,
      };
      const { record } = await simulate({ program, workload, seed, options });
      for (const { type, error } of record.history) {
        if (type === "invoke") operations++;
        else if (error === "net-timeout") unknown++;
      }
    }
    assert(operations > 800, `${operations}`);
    assert(unknown <= most * operations, `${unknown} of ${operations}`);
  });
}

function withService(): FakeNode {
  const services = createServices(new Random(1));
  return new FakeNode(program, {
    answer: (message) => services.get(message.dest)?.handle(message),
  });
}

Deno.test("requests are passed on as they are, and answers and errors are the service's own", async () => {
  const node = withService();
  const key = [1, { a: null }];
  const steps: [Body, Partial<Record<string, unknown>>][] = [
    [{ type: "read", key }, { type: "error", code: 20 }],
    [{ type: "cas", key, from: 1, to: 2 }, { type: "error", code: 20 }],
    [{ type: "cas", key, from: 1, to: 2, create_if_not_exists: true }, { type: "cas_ok" }],
    [{ type: "cas", key, from: 1, to: 3 }, { type: "error", code: 22 }],
    [{ type: "read", key }, { type: "read_ok", value: 2 }],
    [{ type: "write", key, value: { b: [] } }, { type: "write_ok" }],
    [{ type: "read", key }, { type: "read_ok", value: { b: [] } }],
    [{ type: "write", key: "x" }, { type: "error", code: 12 }],
    [{ type: "delete", key: "x" }, { type: "error", code: 10 }],
  ];
  for (const [request, expected] of steps) {
    const { text: _, ...reply } = await node.ask(request) as Body;
    assertEquals(reply as Record<string, unknown>, expected, JSON.stringify(request));
  }
});

/** Milliseconds until a client is answered, and the answer, if the service never answers. */
async function untilAnswered(node: FakeNode): Promise<[number, Body | undefined]> {
  node.host.answer = () => undefined;
  const began = node.host.elapsedMs;
  node.receive({ type: "write", key: 1, value: 2, msg_id: 9 });
  for (;;) {
    const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 9);
    if (reply !== undefined || node.host.elapsedMs > began + 60_000) {
      return [node.host.elapsedMs - began, reply?.body];
    }
    await node.host.advance(10);
  }
}

Deno.test("a client is answered before it goes, by an error that leaves open what happened", async () => {
  const [time, reply] = await untilAnswered(withService());
  assert(time < 1000, `${time} ms`);
  assertEquals([reply?.type, reply?.code], ["error", 0]);
});

Deno.test("whoever asks before the first round trip is over is not refused for that", async () => {
  const node = new FakeNode(program, { init: false });
  node.host.answer = ({ body: { msg_id } }) => {
    const in_reply_to = msg_id as number;
    node.host.startTimer(3000, () => {
      node.receive({ type: "read_ok", value: 1, in_reply_to }, "lin-kv");
    });
    return undefined;
  };
  node.init();
  node.receive({ type: "read", key: 1, msg_id: 5 });
  await node.host.advance(3100);
  assertEquals(node.host.takeSent().at(-1)?.body, { type: "read_ok", value: 1, in_reply_to: 5 });
});

Deno.test("a service that is silent from the start is given up before the node has to", async () => {
  const [time, reply] = await untilAnswered(new FakeNode(program));
  assert(time > 900 && time < 4500, `${time} ms`);
  assertEquals(reply?.code, 0);
});

Deno.test("who waits for a lost answer waits no longer once round trips are known to be short", async () => {
  const node = new FakeNode(program, { init: false });
  let probe = 0;
  node.host.answer = ({ body }) => {
    probe = body.msg_id as number;
    return undefined;
  };
  node.init();
  node.host.startTimer(50, () => {
    node.receive({ type: "error", code: 20, in_reply_to: probe }, "lin-kv");
  });
  const [time] = await untilAnswered(node);
  assert(time < 1000, `${time} ms`);
});

Deno.test("with long latencies, for which clients wait longer, the service is given more time", async () => {
  const LATENCY_MS = 500;
  const node = withService();
  const { answer } = node.host;
  node.host.answer = (message) => {
    const reply = answer(message);
    const in_reply_to = message.body.msg_id as number;
    node.host.startTimer(2 * LATENCY_MS, () => {
      node.receive({ ...reply as Body, in_reply_to }, "lin-kv");
    });
    return undefined;
  };
  // The first round trip was a short one, so the first requests are given up too early; but their
  // late answers are heard.
  for (let count = 0; count < 5; count++) {
    node.receive({ type: "read", key: 1, msg_id: count });
    await node.host.advance(1500);
  }
  node.host.takeSent();
  node.receive({ type: "write", key: 1, value: 1, msg_id: 77 });
  await node.host.advance(1200);
  const reply = node.host.takeSent().find(({ body }) => body.in_reply_to === 77);
  assertEquals(reply?.body.type, "write_ok");
  const [time] = await untilAnswered(node);
  assert(time > 2000 && time < 10 * LATENCY_MS, `${time} ms`);
});
