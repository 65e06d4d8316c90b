import { assert, assertEquals, assertRejects } from "std/testing";
import { Subjects } from "../../../lib/transport/nats/subjects.ts";
import {
  control,
  NodeOnNats,
  type ProcessHandle,
  type Wire,
} from "../../../lib/workbench/nats/node_on_nats.ts";
import type { ExitStatus } from "../../../lib/workbench/engine.ts";
import { withProperty } from "../../support/with_property.ts";

const subjects = new Subjects("test");
const STATUS = JSON.stringify({
  id: "n0",
  nodes: ["n0", "n1"],
  incarnation: "x",
  counts: {
    received: 0,
    requests: 0,
    sent: 0,
    malformed: 0,
    oversized: 0,
    partitioned: 0,
    overflowed: 0,
  },
});
const FIRST = { drops: [], observed: true };

interface Request extends PromiseWithResolvers<string> {
  readonly subject: string;
  readonly content: unknown;
  readonly timeoutMs: number;
}

/** A connection that records; the test replies to requests. */
class FakeWire implements Wire {
  readonly published: [subject: string, content: unknown][] = [];
  readonly requests: Request[] = [];

  publish(subject: string, text: string): void {
    this.published.push([subject, JSON.parse(text)]);
  }

  request(subject: string, text: string, timeoutMs: number): Promise<string> {
    const reply = Promise.withResolvers<string>();
    this.requests.push({ subject, content: JSON.parse(text), timeoutMs, ...reply });
    return reply.promise;
  }

  /** The contents of all requests. */
  get contents(): readonly unknown[] {
    return this.requests.map(({ content }) => content);
  }

  /** Replies to the last request. */
  async reply(): Promise<void> {
    this.requests.at(-1)?.resolve(STATUS);
    await settle();
  }
}

/** Lets everything run that waits for promises alone. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

/** A process that records its signals. */
function fakeProcess() {
  const signals: string[] = [];
  const ended = Promise.withResolvers<ExitStatus>();
  const process: ProcessHandle = {
    exit: { code: 7, signal: null },
    ended: ended.promise,
    lastLines: { stdout: ["out"], stderr: ["err"] },
    async kill() {
      await settle();
      signals.push("kill");
    },
    pause: () => void signals.push("pause"),
    resume: () => void signals.push("resume"),
  };
  return { process, signals, end: () => ended.resolve({ code: 7, signal: null }) };
}

function start(process?: ProcessHandle) {
  const wire = new FakeWire();
  return { wire, node: new NodeOnNats("n0", wire, subjects, process) };
}

async function startReady(process?: ProcessHandle) {
  const started = start(process);
  await started.wire.reply();
  return started;
}

/** A client's message as the workbench delivers it, with the number under which it is recorded. */
const request = { id: 5, src: "c1", dest: "n0", body: { type: "read", msg_id: 1 } };
const REQUEST: [string, unknown] = [subjects.message("n0", "c1"), {
  src: "c1",
  dest: "n0",
  body: { type: "read", msg_id: 1 },
}];

Deno.test("the first control of a node asks for copies of its messages, within a second", () => {
  const { wire } = start();
  const requests = wire.requests.map(({ subject, content, timeoutMs }) => ({
    subject,
    content,
    timeoutMs,
  }));
  assertEquals(requests, [{ subject: subjects.control("n0"), content: FIRST, timeoutMs: 1000 }]);
});

Deno.test("a client's message waits for the node's first reply, and is then sent at once", async () => {
  const { wire, node } = start();
  const delivered = node.deliver(request);
  await settle();
  assertEquals(wire.published, []);
  await wire.reply();
  await delivered;
  assertEquals(wire.published, [REQUEST]);
  assertEquals(node.deliver(request), undefined);
  assertEquals(wire.published, [REQUEST, REQUEST]);
  assertEquals(wire.requests.length, 1);
});

Deno.test("messages of nodes and services are not delivered, since NATS does that", async () => {
  const { wire, node } = await startReady();
  for (const src of ["n1", "lin-kv"]) node.deliver({ ...request, src });
  assertEquals(wire.published, []);
});

Deno.test("the first control is repeated every 50 ms until the node replies", async () => {
  const waits: unknown[] = [];
  const original = globalThis.setTimeout;
  const recording = (fn: () => void, delayMs: number) => {
    waits.push(delayMs);
    return original(fn, 0);
  };
  await withProperty(globalThis, "setTimeout", recording as typeof setTimeout, async () => {
    const { wire, node } = start();
    const until = async (count: number) => {
      while (wire.requests.length < count) await new Promise((resolve) => original(resolve, 1));
    };
    wire.requests[0]?.reject(new Error("no responders"));
    await until(2);
    wire.requests[1]?.resolve("not a status");
    await until(3);
    assertEquals([wire.contents, waits], [[FIRST, FIRST, FIRST], [50, 50]]);
    const delivered = node.deliver(request);
    await wire.reply();
    await delivered;
    assertEquals(wire.published, [REQUEST]);
    assertEquals(waits.length, 2);
  });
});

Deno.test("a node that has ended gets no further control, and messages to it do not wait", async () => {
  const { process, end } = fakeProcess();
  const { wire, node } = start(process);
  const delivered = node.deliver(request);
  end();
  await settle();
  wire.requests[0]?.reject(new Error("no responders"));
  await delivered;
  assertEquals([wire.requests.length, wire.published], [1, [REQUEST]]);
});

Deno.test("a partition before the node runs is in the first control that it receives", async () => {
  const { wire, node } = start();
  await node.drop(["n1", "n2"]);
  assertEquals(wire.contents, [FIRST]);
  // The node has replied to the control that does not contain it.
  await wire.reply();
  const cut = { drops: ["n1", "n2"], observed: true };
  assertEquals(wire.contents, [FIRST, cut]);
  const delivered = node.deliver(request);
  await settle();
  assertEquals(wire.published, [], "the node does not have its partition yet");
  await wire.reply();
  await delivered;
  assertEquals(wire.requests.length, 2);
});

Deno.test("a partition of a node that runs is a control, and resolves with the node's reply", async () => {
  const { wire, node } = await startReady();
  let isDropping = false;
  const dropped = node.drop(["n1"]).then(() => isDropping = true);
  await settle();
  assertEquals([wire.contents, isDropping], [[FIRST, { drops: ["n1"], observed: true }], false]);
  await wire.reply();
  await dropped;
  assertEquals(wire.published, []);
});

Deno.test("a partition resolves although the node cannot reply", async () => {
  const { wire, node } = await startReady();
  const dropped = node.drop(["n1"]);
  wire.requests[1]?.reject(new Error("timeout"));
  await dropped;
});

Deno.test("a partition of a paused node does not wait, and precedes what others send after it", async () => {
  const { process, signals } = fakeProcess();
  const { wire, node } = await startReady(process);
  node.pause();
  await node.drop(["n1"]);
  assertEquals(wire.published, [[subjects.control("n0"), { drops: ["n1"] }]]);
  assertEquals(wire.requests.length, 1);
  node.resume();
  void node.drop([]);
  assertEquals(wire.contents.at(-1), FIRST);
  assertEquals([wire.requests.length, wire.published.length], [2, 1]);
  assertEquals(signals, ["pause", "resume"]);
});

Deno.test("a node's process provides its end, its last lines and its kill", async () => {
  const { process, signals, end } = fakeProcess();
  const { node } = await startReady(process);
  assertEquals([node.exit, node.lastLines], [process.exit, process.lastLines]);
  await node.kill();
  assertEquals(signals, ["kill"]);
  end();
  assertEquals(await node.ended, { code: 7, signal: null });
});

Deno.test("a node that runs elsewhere cannot be killed, and the workbench does not see its end", async () => {
  const { node } = await startReady();
  await node.kill();
  node.pause();
  node.resume();
  assertEquals([node.exit, node.lastLines], [undefined, { stdout: [], stderr: [] }]);
  let hasEnded = false;
  assert(node.ended instanceof Promise);
  node.ended.then(() => hasEnded = true);
  await settle();
  assertEquals(hasEnded, false);
});

Deno.test("control returns the node's status, and rejects another reply with its text", async () => {
  const wire = new FakeWire();
  const status = control(wire, subjects, "n0", { observed: true }, 50);
  assertEquals(wire.requests[0]?.timeoutMs, 50);
  await wire.reply();
  assertEquals((await status).nodes, ["n0", "n1"]);
  const malformed = control(wire, subjects, "n0", {});
  wire.requests[1]?.resolve('{"id":1}');
  await assertRejects(() => malformed, Error, 'n0 replied to a control with {"id":1}');
});
