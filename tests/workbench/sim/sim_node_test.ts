import { assert, assertEquals, assertStringIncludes } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { SimHarness } from "./sim_harness.ts";

/** Replies to each request with the number of requests, immediately or after 10 ms. */
function counting(node: Node) {
  let count = 0;
  node.on("count", () => ({ type: "count_ok", count: ++count }));
  node.on("slowly", async () => {
    await node.sleep(10);
    return { type: "slowly_ok", count: ++count };
  });
  node.on("throw", () => {
    throw new Error("planted");
  });
  node.exposeState(() => count);
}

Deno.test("a handler replies in no virtual time, and an async handler after the time that it sleeps", async () => {
  const sim = new SimHarness(counting);
  await sim.run(async () => {
    const node = sim.start();
    await sim.advance(5);
    sim.request(node, { type: "slowly", msg_id: 2 });
    sim.request(node, { type: "count", msg_id: 3 });
    await sim.advance(20);
  });
  assertEquals(sim.sent, ["0 n0 → c1 init_ok", "5 n0 → c1 count_ok", "15 n0 → c1 slowly_ok"]);
  assertEquals(sim.engine.stateOf("n0"), 2);
});

Deno.test("changing a message after it was sent or received changes no other copy", async () => {
  const state = { values: [1, 2], inner: { list: [] as number[] } };
  const sim = new SimHarness((node) => {
    node.on("take", (body) => {
      (body.values as number[]).push(99);
      return { type: "take_ok", state };
    });
  });
  const body = { type: "take", values: [1], msg_id: 2 };
  await sim.run(async () => {
    sim.request(sim.start(), body);
    await sim.advance(1);
    state.values.push(3);
    state.inner.list.push(4);
  });
  assertEquals(body.values, [1]);
  assertEquals(sim.messages[1]?.body, {
    type: "take_ok",
    state: { values: [1, 2], inner: { list: [] } },
    in_reply_to: 2,
  });
});

Deno.test("timers take at least 1 ms, as those of a process do", async () => {
  const sim = new SimHarness((node) => {
    const fired: number[] = [];
    for (const wait of [0, -5, 0.3, NaN, Infinity, 2 ** 31, 1.5]) {
      node.after(wait, () => fired.push(node.now() % 1000));
    }
    node.exposeState(() => fired);
  });
  await sim.run(async () => {
    sim.start();
    await sim.advance(10);
  });
  assertEquals(sim.engine.stateOf("n0"), [1, 1, 1, 1, 1, 1, 1.5]);
});

Deno.test("exceptions in handlers and unhandled rejections are logged by their node", async () => {
  const sim = new SimHarness((node) => {
    counting(node);
    node.on("reject", () => {
      (async () => {
        await node.sleep(7);
        throw new Error(`rejected by ${node.id}`);
      })();
    });
  });
  await sim.run(async () => {
    const nodes = ["n0", "n1"].map((id) => sim.start(id));
    for (const node of nodes) sim.request(node, { type: "reject" });
    sim.request(nodes[0] as (typeof nodes)[0], { type: "throw", msg_id: 2 });
    await sim.advance(10);
    for (const node of nodes) {
      assertStringIncludes(node.lastLines.stderr.join("\n"), `rejected by ${node.id}`);
    }
  });
  assertStringIncludes(sim.log[0] ?? "", "0 the handler of 'throw' from c1 threw: Error: planted");
  const rejections = sim.log.filter((line) => line.includes("unhandled promise rejection"));
  assertEquals(rejections, [
    "7 unhandled promise rejection: Error: rejected by n0",
    "7 unhandled promise rejection: Error: rejected by n1",
  ]);
});

Deno.test("an exception in a microtask ends neither the node nor the simulation", async () => {
  const sim = new SimHarness((node) => {
    counting(node);
    node.on("microtask", () => {
      queueMicrotask(() => {
        throw new Error(`planted in ${node.id}`);
      });
      return { type: "microtask_ok" };
    });
  });
  await sim.run(async () => {
    const nodes = ["n0", "n1"].map((id) => sim.start(id));
    for (const node of nodes) sim.request(node, { type: "microtask", msg_id: 2 });
    await sim.advance(1);
    for (const node of nodes) sim.request(node, { type: "count", msg_id: 3 });
    await sim.advance(1);
    for (const { id, lastLines } of nodes) {
      assertStringIncludes(
        lastLines.stderr.join("\n"),
        `uncaught exception: Error: planted in ${id}`,
      );
    }
  });
  assertEquals(sim.sent.filter((line) => line.includes("count_ok")).length, 2);
});

Deno.test("an error outside of all nodes is left to the workbench, and logged by no node", async () => {
  const sim = new SimHarness(counting);
  let errors = 0;
  const onError = () => void errors++;
  await sim.run(async () => {
    sim.start();
    await sim.advance(1);
    globalThis.addEventListener("error", onError);
    globalThis.dispatchEvent(new Event("error"));
    globalThis.removeEventListener("error", onError);
  });
  assertEquals([errors, sim.log], [1, []]);
});

Deno.test("an invariant that is violated outside a handler ends its node", async () => {
  const sim = new SimHarness((node) => {
    counting(node);
    node.on("promise", () => {
      (async () => {
        await node.sleep(7);
        node.always(false, "planted");
      })();
    });
    node.on("microtask", () => queueMicrotask(() => node.always(false, "planted")));
  });
  await sim.run(async () => {
    const nodes = ["n0", "n1", "n2"].map((id) => sim.start(id));
    for (const [index, type] of ["promise", "microtask", "count"].entries()) {
      sim.request(nodes[index] as (typeof nodes)[0], { type });
    }
    await sim.advance(10);
    assertEquals(nodes.map(({ exit }) => exit?.code), [1, 1, undefined]);
    for (const { lastLines } of nodes.slice(0, 2)) {
      assertStringIncludes(lastLines.stderr[0] ?? "", "the node ends: InvariantError: planted");
    }
  });
});

Deno.test("a message that would not be a valid line of stdout is malformed output", async () => {
  const sim = new SimHarness((node) => {
    // A node in plain JavaScript can do this.
    node.send(JSON.parse("7"), { type: "to a number" });
    node.send("n1", JSON.parse("[]")[0]);
  });
  await sim.run(async () => {
    sim.start();
    await sim.advance(1);
  });
  assertEquals(sim.malformedOutput.length, 2);
  assertStringIncludes(sim.malformedOutput[0] ?? "", "'dest' must be a string");
  assertStringIncludes(sim.malformedOutput[1] ?? "", "'body' is missing");
  // Maelstrom reads a missing body as an empty one.
  assertEquals(sim.sent, ["0 n0 → n1 undefined", "0 n0 → c1 init_ok"]);
});

Deno.test("malformed input is logged and skipped", async () => {
  const sim = new SimHarness(counting);
  await sim.run(async () => {
    const node = sim.start();
    node.deliver({ src: "n1", dest: "n0", body: [1, 2] });
    sim.request(node, { type: "count", msg_id: 2 });
    await sim.advance(1);
  });
  assert(sim.log[0]?.startsWith("0 skipped a line of input: 'body' must be a JSON object"));
  assertEquals(sim.sent.at(-1), "0 n0 → c1 count_ok");
});
