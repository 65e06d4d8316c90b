import { assert, assertEquals, assertStringIncludes } from "std/testing";
import type { Node } from "../../../lib/node/mod.ts";
import { SimHarness } from "./sim_harness.ts";

/** Counts requests and answers with the count, at once or after a while. */
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
  return () => count;
}

Deno.test("a node answers in no time, and async handlers after the time they wait", async () => {
  const stage = new SimHarness(counting);
  await stage.run(async () => {
    const node = stage.start();
    await stage.advance(5);
    stage.request(node, { type: "slowly", msg_id: 2 });
    stage.request(node, { type: "count", msg_id: 3 });
    await stage.advance(20);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok", "5 n0 → c1 count_ok", "15 n0 → c1 slowly_ok"]);
  assertEquals(stage.engine.stateOf("n0"), 2);
});

Deno.test("messages are copies: what one does to them is seen nowhere else", async () => {
  const state = { values: [1, 2], inner: { list: [] as number[] } };
  const stage = new SimHarness((node) => {
    node.on("take", (body) => {
      (body.values as number[]).push(99);
      return { type: "take_ok", state };
    });
  });
  const body = { type: "take", values: [1], msg_id: 2 };
  await stage.run(async () => {
    stage.request(stage.start(), body);
    await stage.advance(1);
    state.values.push(3);
    state.inner.list.push(4);
  });
  assertEquals(body.values, [1]);
  assertEquals(stage.messages[1]?.body, {
    type: "take_ok",
    state: { values: [1, 2], inner: { list: [] } },
    in_reply_to: 2,
  });
});

Deno.test("timers take a millisecond at least, as those of a process do", async () => {
  const stage = new SimHarness((node) => {
    const fired: number[] = [];
    for (const wait of [0, -5, 0.3, NaN, Infinity, 2 ** 31, 1.5]) {
      node.after(wait, () => fired.push(node.now() % 1000));
    }
    return () => fired;
  });
  await stage.run(async () => {
    stage.start();
    await stage.advance(10);
  });
  assertEquals(stage.engine.stateOf("n0"), [1, 1, 1, 1, 1, 1, 1.5]);
});

Deno.test("errors of handlers, and promises that nobody minds, end up in the log of the right node", async () => {
  const stage = new SimHarness((node) => {
    counting(node);
    node.on("forget", () => {
      (async () => {
        await node.sleep(7);
        throw new Error(`forgotten by ${node.id}`);
      })();
    });
  });
  await stage.run(async () => {
    const nodes = ["n0", "n1"].map((id) => stage.start(id));
    for (const node of nodes) stage.request(node, { type: "forget" });
    stage.request(nodes[0] as (typeof nodes)[0], { type: "throw", msg_id: 2 });
    await stage.advance(10);
    for (const node of nodes) {
      assertStringIncludes(node.lastLines.stderr.join("\n"), `forgotten by ${node.id}`);
    }
  });
  assertStringIncludes(stage.log[0] ?? "", "0 the handler of 'throw' threw: Error: planted");
  const forgotten = stage.log.filter((line) => line.includes("nobody minded"));
  assertEquals(forgotten, [
    "7 a promise was rejected and nobody minded: Error: forgotten by n0",
    "7 a promise was rejected and nobody minded: Error: forgotten by n1",
  ]);
});

Deno.test("an error thrown in a microtask takes down neither the node nor the simulation", async () => {
  const stage = new SimHarness((node) => {
    counting(node);
    node.on("stumble", () => {
      queueMicrotask(() => {
        throw new Error(`stumbled: ${node.id}`);
      });
      return { type: "stumble_ok" };
    });
  });
  await stage.run(async () => {
    const nodes = ["n0", "n1"].map((id) => stage.start(id));
    for (const node of nodes) stage.request(node, { type: "stumble", msg_id: 2 });
    await stage.advance(1);
    for (const node of nodes) stage.request(node, { type: "count", msg_id: 3 });
    await stage.advance(1);
    for (const { id, lastLines } of nodes) {
      assertStringIncludes(
        lastLines.stderr.join("\n"),
        `an error was thrown and nobody minded: Error: stumbled: ${id}`,
      );
    }
  });
  assertEquals(stage.sent.filter((line) => line.includes("count_ok")).length, 2);
});

Deno.test("what a node sends is held to what a line on stdout must be", async () => {
  const stage = new SimHarness((node) => {
    node.on("init", () => {
      // As a node in plain JavaScript might.
      node.send(JSON.parse("7"), { type: "to a number" });
      node.send("n1", JSON.parse("[]")[0]);
    });
  });
  await stage.run(async () => {
    stage.start();
    await stage.advance(1);
  });
  assertEquals(stage.malformedOutput.length, 2);
  assertStringIncludes(stage.malformedOutput[0] ?? "", "'dest' must be a string");
  assertStringIncludes(stage.malformedOutput[1] ?? "", "'body' is missing");
  assertEquals(stage.sent, ["0 n0 → c1 init_ok"]);
});

Deno.test("something that is no message is skipped with a line in the log", async () => {
  const stage = new SimHarness(counting);
  await stage.run(async () => {
    const node = stage.start();
    node.deliver({ src: "n1", dest: "n0", body: [1, 2] });
    stage.request(node, { type: "count", msg_id: 2 });
    await stage.advance(1);
  });
  assert(stage.log[0]?.startsWith("0 a line of input was skipped: 'body' must be a JSON object"));
  assertEquals(stage.sent.at(-1), "0 n0 → c1 count_ok");
});
