import { assertEquals, assertNotEquals, assertStringIncludes } from "std/testing";
import { type Node, quantity } from "../../../lib/node/mod.ts";
import { SimHarness } from "./sim_harness.ts";

/** Counts requests and answers with the count. */
function counting(node: Node) {
  let count = 0;
  node.on("count", () => ({ type: "count_ok", count: ++count }));
}

/** Says what time it is, every 10 ms. */
function ticking(node: Node) {
  let ticks = 0;
  node.every(10, () => node.send("c1", { type: `tick${++ticks}` }));
  node.on("count", () => ({ type: "count_ok" }));
}

Deno.test("a killed node is gone at once with its memory, its timers and its handlers under way", async () => {
  const stage = new SimHarness((node) => {
    ticking(node);
    node.on("slowly", async () => {
      await node.sleep(10);
      node.log("a dead node speaks");
      return { type: "slowly_ok" };
    });
  });
  await stage.run(async () => {
    const node = stage.start();
    stage.request(node, { type: "slowly", msg_id: 2 });
    await stage.advance(9);
    assertEquals(node.exit, undefined);
    await node.kill();
    assertEquals(node.exit, { code: 137, signal: "SIGKILL" });
    assertEquals(await node.ended, node.exit);
    stage.request(node, { type: "count", msg_id: 3 });
    await stage.advance(100);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok"]);
  assertEquals(stage.log, []);
});

Deno.test("a node that starts again has a fresh memory, but draws new random numbers", async () => {
  const stage = new SimHarness((node) => {
    const atStart = node.random();
    let count = 0;
    node.on("count", () => ({ type: "count_ok", count: ++count, atStart }));
  });
  await stage.run(async () => {
    for (let life = 0; life < 2; life++) {
      const node = stage.start();
      stage.request(node, { type: "count", msg_id: 2 });
      await stage.advance(1);
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
  const stage = new SimHarness((node) => {
    const seen: string[] = [];
    node.on("note", ({ text }) => void seen.push(String(text)));
    node.after(20, () => seen.push("timer at 20"));
    node.after(40, () => seen.push("timer at 40"));
    node.after(90, () => seen.push("timer at 90"));
    return () => seen;
  });
  await stage.run(async () => {
    const node = stage.start();
    await stage.advance(10);
    node.pause();
    await stage.advance(20);
    stage.request(node, { type: "note", text: "told at 30" });
    await stage.advance(20);
    stage.request(node, { type: "note", text: "told at 50" });
    assertEquals(node.state, []);
    await stage.advance(10);
    node.resume();
    stage.request(node, { type: "note", text: "told at 60" });
    await stage.advance(0);
    assertEquals(node.exit, undefined);
    await stage.advance(100);
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
  const stage = new SimHarness((node) => {
    const seen: string[] = [];
    const cancel = node.after(20, () => seen.push("cancelled"));
    node.after(15, () => cancel());
    node.on("note", () => void seen.push("told"));
    return () => seen;
  });
  await stage.run(async () => {
    const node = stage.start();
    await stage.advance(10);
    node.pause();
    await stage.advance(20);
    stage.request(node, { type: "note" });
    node.resume();
    node.pause();
    await stage.advance(10);
    assertEquals(node.state, []);
    node.resume();
    await stage.advance(10);
    assertEquals(node.state, ["told"]);
  });
});

Deno.test("clocks show the epoch and the time that has passed, and can be made to jump", async () => {
  const stage = new SimHarness((node) => {
    node.on("now", () => ({ type: "now_ok", now: node.now() }));
  });
  await stage.run(async () => {
    const node = stage.start();
    for (const offset of [0, 250, -1000]) {
      node.skew(offset);
      stage.request(node, { type: "now", msg_id: 2 });
      await stage.advance(100);
    }
  });
  const times = stage.messages.slice(1).map(({ body }) => (body as { now?: number }).now);
  const epoch = new Date("2025-01-01T00:00:00Z").getTime();
  assertEquals(times, [epoch, epoch + 100 + 250, epoch + 200 - 1000]);
});

Deno.test("a node that throws while it is wired has ended with its stack in its last lines", async () => {
  const stage = new SimHarness(() => {
    throw new Error("planted at start");
  });
  await stage.run(async () => {
    const node = stage.startUninitialised();
    assertEquals(await node.ended, { code: 1, signal: null });
    assertStringIncludes(node.lastLines.stderr[0] ?? "", "planted at start");
    assertStringIncludes(node.lastLines.stderr.join("\n"), "sim_node_lifetime_test.ts");
  });
});

Deno.test("a node that is given flags it does not know ends as a process would, and says which it knows", async () => {
  const stage = new SimHarness((node) => {
    node.flags({ size: quantity(3, "how large") });
  }, ["--sise", "4"]);
  await stage.run(async () => {
    const node = stage.startUninitialised();
    assertEquals(await node.ended, { code: 2, signal: null });
    assertStringIncludes(node.lastLines.stderr.join("\n"), "--size");
  });
});

Deno.test("Deno.exit() in a node ends that node and nothing else", async () => {
  const stage = new SimHarness((node) => {
    node.on("leave", () => Deno.exit(3));
  });
  await stage.run(async () => {
    const [leaving, staying] = [stage.start("n0"), stage.start("n1")];
    stage.request(leaving, { type: "leave", msg_id: 2 });
    assertEquals(await leaving.ended, { code: 3, signal: null });
    await stage.advance(10);
    assertEquals(staying.exit, undefined);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok", "0 n1 → c1 init_ok"]);
});

Deno.test("a message that comes before a restarted node is wired waits for it", async () => {
  const stage = new SimHarness(counting);
  await stage.run(async () => {
    const node = stage.startUninitialised();
    stage.request(node, { type: "init", node_id: "n0", node_ids: ["n0"], msg_id: 1 });
    assertEquals(stage.sent, []);
    await stage.advance(0);
    await stage.advance(0);
  });
  assertEquals(stage.sent, ["0 n0 → c1 init_ok"]);
});
