import { assertEquals, assertNotEquals, assertStringIncludes } from "std/testing";
import { flag, type Node, withFlags } from "../../../lib/node/mod.ts";
import { SimHarness } from "./sim_harness.ts";

/** Replies to each request with the number of requests. */
function counting(node: Node) {
  let count = 0;
  node.on("count", () => ({ type: "count_ok", count: ++count }));
}

/** Sends a message every 10 ms. */
function ticking(node: Node) {
  let ticks = 0;
  node.every(10, () => node.send("c1", { type: `tick${++ticks}` }));
  node.on("count", () => ({ type: "count_ok" }));
}

Deno.test("a killed node stops immediately, with its timers and its running handlers", async () => {
  const sim = new SimHarness((node) => {
    ticking(node);
    node.on("slowly", async () => {
      await node.sleep(10);
      node.log("a killed node logs");
      return { type: "slowly_ok" };
    });
  });
  await sim.run(async () => {
    const node = sim.start();
    sim.request(node, { type: "slowly", msg_id: 2 });
    await sim.advance(9);
    assertEquals(node.exit, undefined);
    await node.kill();
    assertEquals(node.exit, { code: 137, signal: "SIGKILL" });
    assertEquals(await node.ended, node.exit);
    sim.request(node, { type: "count", msg_id: 3 });
    await sim.advance(100);
  });
  assertEquals(sim.sent, ["0 n0 → c1 init_ok"]);
  assertEquals(sim.log, []);
});

Deno.test("a restarted node has fresh state but continues its random source", async () => {
  const sim = new SimHarness((node) => {
    const atStart = node.random();
    let count = 0;
    node.on("count", () => ({ type: "count_ok", count: ++count, atStart }));
  });
  await sim.run(async () => {
    for (let incarnation = 0; incarnation < 2; incarnation++) {
      const node = sim.start();
      sim.request(node, { type: "count", msg_id: 2 });
      await sim.advance(1);
      await node.kill();
    }
  });
  const [first, second] = sim.messages.filter(({ body }) =>
    (body as { type: string }).type === "count_ok"
  ).map(({ body }) => body as { readonly count: number; readonly atStart: number });
  assertEquals([first?.count, second?.count], [1, 1]);
  assertNotEquals(first?.atStart, second?.atStart);
});

Deno.test("a resumed node handles messages and timers of the pause in arrival order", async () => {
  const sim = new SimHarness((node) => {
    const seen: string[] = [];
    node.on("note", ({ text }) => void seen.push(String(text)));
    node.after(20, () => seen.push("timer at 20"));
    node.after(40, () => seen.push("timer at 40"));
    node.after(90, () => seen.push("timer at 90"));
    node.exposeState(() => seen);
  });
  await sim.run(async () => {
    const node = sim.start();
    await sim.advance(10);
    node.pause();
    await sim.advance(20);
    sim.request(node, { type: "note", text: "received at 30" });
    await sim.advance(20);
    sim.request(node, { type: "note", text: "received at 50" });
    assertEquals(node.state, []);
    await sim.advance(10);
    node.resume();
    sim.request(node, { type: "note", text: "received at 60" });
    await sim.advance(0);
    assertEquals(node.exit, undefined);
    await sim.advance(100);
    assertEquals(node.state, [
      "timer at 20",
      "received at 30",
      "timer at 40",
      "received at 50",
      "received at 60",
      "timer at 90",
    ]);
  });
});

Deno.test("a timer cancelled during a pause never fires, and a pause may follow a resume immediately", async () => {
  const sim = new SimHarness((node) => {
    const seen: string[] = [];
    const cancel = node.after(20, () => seen.push("cancelled"));
    node.after(15, () => cancel());
    node.on("note", () => void seen.push("received"));
    node.exposeState(() => seen);
  });
  await sim.run(async () => {
    const node = sim.start();
    await sim.advance(10);
    node.pause();
    await sim.advance(20);
    sim.request(node, { type: "note" });
    node.resume();
    node.pause();
    await sim.advance(10);
    assertEquals(node.state, []);
    node.resume();
    await sim.advance(10);
    assertEquals(node.state, ["received"]);
  });
});

Deno.test("a clock shows the epoch plus the elapsed time plus its skew", async () => {
  const sim = new SimHarness((node) => {
    node.on("now", () => ({ type: "now_ok", now: node.now() }));
  });
  await sim.run(async () => {
    const node = sim.start();
    for (const offset of [0, 250, -1000]) {
      node.skew(offset);
      sim.request(node, { type: "now", msg_id: 2 });
      await sim.advance(100);
    }
  });
  const times = sim.messages.slice(1).map(({ body }) => (body as { now?: number }).now);
  const epoch = new Date("2025-01-01T00:00:00Z").getTime();
  assertEquals(times, [epoch, epoch + 100 + 250, epoch + 200 - 1000]);
});

Deno.test("a node whose program throws ends with the stack in its last lines", async () => {
  const sim = new SimHarness(() => {
    throw new Error("planted at start");
  });
  await sim.run(async () => {
    const node = sim.start();
    assertEquals(await node.ended, { code: 1, signal: null });
    assertStringIncludes(node.lastLines.stderr[0] ?? "", "planted at start");
    assertStringIncludes(node.lastLines.stderr.join("\n"), "sim_node_lifetime_test.ts");
  });
});

Deno.test("a node with an unknown flag ends with the usage exit code and lists its flags", async () => {
  const flags = { size: flag.number({ placeholder: "N", help: "the size", default: 3 }) };
  const sim = new SimHarness(withFlags({ flags }, () => {}), ["--sise", "4"]);
  await sim.run(async () => {
    const node = sim.startUninitialised();
    assertEquals(await node.ended, { code: 2, signal: null });
    assertStringIncludes(node.lastLines.stderr.join("\n"), "--size");
  });
});

Deno.test("Deno.exit() in a node ends only that node", async () => {
  const sim = new SimHarness((node) => {
    node.on("leave", () => Deno.exit(3));
  });
  await sim.run(async () => {
    const [leaving, staying] = [sim.start("n0"), sim.start("n1")];
    sim.request(leaving, { type: "leave", msg_id: 2 });
    assertEquals(await leaving.ended, { code: 3, signal: null });
    await sim.advance(10);
    assertEquals(staying.exit, undefined);
  });
  assertEquals(sim.sent, ["0 n0 → c1 init_ok", "0 n1 → c1 init_ok"]);
});

Deno.test("a message that arrives before the program has started waits for it", async () => {
  const sim = new SimHarness(counting);
  await sim.run(async () => {
    const node = sim.startUninitialised();
    sim.request(node, { type: "init", node_id: "n0", node_ids: ["n0"], msg_id: 1 });
    assertEquals(sim.sent, []);
    await sim.advance(0);
    await sim.advance(0);
  });
  assertEquals(sim.sent, ["0 n0 → c1 init_ok"]);
});
