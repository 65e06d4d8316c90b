import { assert, assertEquals, assertNotEquals, assertStringIncludes } from "std/testing";
import { type Node, quantity } from "../../../lib/node/mod.ts";
import { SimStage } from "./sim_stage.ts";

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

/** Says what time it is, every 10 ms. */
function ticking(node: Node) {
  let ticks = 0;
  node.every(10, () => node.send("c1", { type: `tick${++ticks}` }));
  node.on("count", () => ({ type: "count_ok" }));
}

Deno.test("a node answers in no time, and async handlers after the time they wait", async () => {
  const stage = new SimStage(counting);
  await stage.run(async () => {
    const node = stage.start();
    await stage.pass(5);
    stage.tell(node, { type: "slowly", msg_id: 2 });
    stage.tell(node, { type: "count", msg_id: 3 });
    await stage.pass(20);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok", "5 n0 → c1 count_ok", "15 n0 → c1 slowly_ok"]);
  assertEquals(stage.engine.stateOf("n0"), 2);
});

Deno.test("messages are copies: what one does to them is seen nowhere else", async () => {
  const state = { values: [1, 2], inner: { list: [] as number[] } };
  const stage = new SimStage((node) => {
    node.on("take", (body) => {
      (body.values as number[]).push(99);
      return { type: "take_ok", state };
    });
  });
  const body = { type: "take", values: [1], msg_id: 2 };
  await stage.run(async () => {
    stage.tell(stage.start(), body);
    await stage.pass(1);
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

Deno.test("a killed node is gone at once with its memory, its timers and its handlers under way", async () => {
  const stage = new SimStage((node) => {
    ticking(node);
    node.on("slowly", async () => {
      await node.sleep(10);
      node.log("a dead node speaks");
      return { type: "slowly_ok" };
    });
  });
  await stage.run(async () => {
    const node = stage.start();
    stage.tell(node, { type: "slowly", msg_id: 2 });
    await stage.pass(9);
    assertEquals(node.exit, undefined);
    await node.kill();
    assertEquals(node.exit, { code: 137, signal: "SIGKILL" });
    assertEquals(await node.ended, node.exit);
    stage.tell(node, { type: "count", msg_id: 3 });
    await stage.pass(100);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok"]);
  assertEquals(stage.log, []);
});

Deno.test("a node that starts again has a fresh memory, but draws new random numbers", async () => {
  const stage = new SimStage((node) => {
    const atStart = node.random();
    let count = 0;
    node.on("count", () => ({ type: "count_ok", count: ++count, atStart }));
  });
  await stage.run(async () => {
    for (let life = 0; life < 2; life++) {
      const node = stage.start();
      stage.tell(node, { type: "count", msg_id: 2 });
      await stage.pass(1);
      await node.kill();
    }
  });
  const [first, second] = stage.messages.filter(({ body }) =>
    (body as { type: string }).type === "count_ok"
  ).map(({ body }) => body as { readonly count: number; readonly atStart: number });
  assertEquals([first?.count, second?.count], [1, 1]);
  assertNotEquals(first?.atStart, second?.atStart);
});

Deno.test("a paused node receives but does nothing; then all happens in the order in which it came", async () => {
  const stage = new SimStage((node) => {
    const seen: string[] = [];
    node.on("note", ({ text }) => void seen.push(String(text)));
    node.after(20, () => seen.push("timer at 20"));
    node.after(40, () => seen.push("timer at 40"));
    node.after(90, () => seen.push("timer at 90"));
    return () => seen;
  });
  await stage.run(async () => {
    const node = stage.start();
    await stage.pass(10);
    node.pause();
    await stage.pass(20);
    stage.tell(node, { type: "note", text: "told at 30" });
    await stage.pass(20);
    stage.tell(node, { type: "note", text: "told at 50" });
    assertEquals(node.state, []);
    await stage.pass(10);
    node.resume();
    stage.tell(node, { type: "note", text: "told at 60" });
    await stage.pass(0);
    assertEquals(node.exit, undefined);
    await stage.pass(100);
    assertEquals(node.state, [
      "timer at 20",
      "told at 30",
      "timer at 40",
      "told at 50",
      "told at 60",
      "timer at 90",
    ]);
  });
});

Deno.test("a timer cancelled while the node is paused never fires, and a pause may follow a resume at once", async () => {
  const stage = new SimStage((node) => {
    const seen: string[] = [];
    const cancel = node.after(20, () => seen.push("cancelled"));
    node.after(15, () => cancel());
    node.on("note", () => void seen.push("told"));
    return () => seen;
  });
  await stage.run(async () => {
    const node = stage.start();
    await stage.pass(10);
    node.pause();
    await stage.pass(20);
    stage.tell(node, { type: "note" });
    node.resume();
    node.pause();
    await stage.pass(10);
    assertEquals(node.state, []);
    node.resume();
    await stage.pass(10);
    assertEquals(node.state, ["told"]);
  });
});

Deno.test("clocks show the epoch and the time that has passed, and can be made to jump", async () => {
  const stage = new SimStage((node) => {
    node.on("now", () => ({ type: "now_ok", now: node.now() }));
  });
  await stage.run(async () => {
    const node = stage.start();
    for (const offset of [0, 250, -1000]) {
      node.skew(offset);
      stage.tell(node, { type: "now", msg_id: 2 });
      await stage.pass(100);
    }
  });
  const times = stage.messages.slice(1).map(({ body }) => (body as { now?: number }).now);
  const epoch = new Date("2025-01-01T00:00:00Z").getTime();
  assertEquals(times, [epoch, epoch + 100 + 250, epoch + 200 - 1000]);
});

Deno.test("timers take a millisecond at least, as those of a process do", async () => {
  const stage = new SimStage((node) => {
    const fired: number[] = [];
    for (const wait of [0, -5, 0.3, NaN, Infinity, 2 ** 31, 1.5]) {
      node.after(wait, () => fired.push(node.now() % 1000));
    }
    return () => fired;
  });
  await stage.run(async () => {
    stage.start();
    await stage.pass(10);
  });
  assertEquals(stage.engine.stateOf("n0"), [1, 1, 1, 1, 1, 1, 1.5]);
});

Deno.test("a node that throws while it is wired has ended with its stack in its last lines", async () => {
  const stage = new SimStage(() => {
    throw new Error("planted at start");
  });
  await stage.run(async () => {
    const node = stage.launch();
    assertEquals(await node.ended, { code: 1, signal: null });
    assertStringIncludes(node.lastLines.stderr[0] ?? "", "planted at start");
    assertStringIncludes(node.lastLines.stderr.join("\n"), "sim_node_test.ts");
  });
});

Deno.test("a node that is given flags it does not know ends as a process would, and says which it knows", async () => {
  const stage = new SimStage((node) => {
    node.flags({ size: quantity(3, "how large") });
  }, ["--sise", "4"]);
  await stage.run(async () => {
    const node = stage.launch();
    assertEquals(await node.ended, { code: 2, signal: null });
    assertStringIncludes(node.lastLines.stderr.join("\n"), "--size");
  });
});

Deno.test("Deno.exit() in a node ends that node and nothing else", async () => {
  const stage = new SimStage((node) => {
    node.on("leave", () => Deno.exit(3));
  });
  await stage.run(async () => {
    const [leaving, staying] = [stage.start("n0"), stage.start("n1")];
    stage.tell(leaving, { type: "leave", msg_id: 2 });
    assertEquals(await leaving.ended, { code: 3, signal: null });
    await stage.pass(10);
    assertEquals(staying.exit, undefined);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok", "0 n1 → c1 init_ok"]);
});

Deno.test("errors of handlers, and promises that nobody minds, end up in the log of the right node", async () => {
  const stage = new SimStage((node) => {
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
    for (const node of nodes) stage.tell(node, { type: "forget" });
    stage.tell(nodes[0] as (typeof nodes)[0], { type: "throw", msg_id: 2 });
    await stage.pass(10);
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
  const stage = new SimStage((node) => {
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
    for (const node of nodes) stage.tell(node, { type: "stumble", msg_id: 2 });
    await stage.pass(1);
    for (const node of nodes) stage.tell(node, { type: "count", msg_id: 3 });
    await stage.pass(1);
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
  const stage = new SimStage((node) => {
    node.on("init", () => {
      // As a node in plain JavaScript might.
      node.send(JSON.parse("7"), { type: "to a number" });
      node.send("n1", JSON.parse("[]")[0]);
    });
  });
  await stage.run(async () => {
    stage.start();
    await stage.pass(1);
  });
  assertEquals(stage.rubbish.length, 2);
  assertStringIncludes(stage.rubbish[0] ?? "", "'dest' must be a string");
  assertStringIncludes(stage.rubbish[1] ?? "", "'body' is missing");
  assertEquals(stage.sent, ["0 n0 → c1 init_ok"]);
});

Deno.test("something that is no message is skipped with a line in the log", async () => {
  const stage = new SimStage(counting);
  await stage.run(async () => {
    const node = stage.start();
    node.deliver({ src: "n1", dest: "n0", body: [1, 2] });
    stage.tell(node, { type: "count", msg_id: 2 });
    await stage.pass(1);
  });
  assert(stage.log[0]?.startsWith("0 a line of input was skipped: 'body' must be a JSON object"));
  assertEquals(stage.sent.at(-1), "0 n0 → c1 count_ok");
});

Deno.test("a message that comes before a restarted node is wired waits for it", async () => {
  const stage = new SimStage(counting);
  await stage.run(async () => {
    const node = stage.launch();
    stage.tell(node, { type: "init", node_id: "n0", node_ids: ["n0"], msg_id: 1 });
    assertEquals(stage.sent, []);
    await stage.pass(0);
    await stage.pass(0);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok"]);
});
