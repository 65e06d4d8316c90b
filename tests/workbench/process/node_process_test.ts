import { assert, assertEquals, assertMatch, assertThrows } from "std/testing";
import { type NodeListener, StartError } from "../../../lib/workbench/engine.ts";
import { NodeProcess } from "../../../lib/workbench/process/node_process.ts";
import { isRunning } from "../../support/processes.ts";
import { withProperty } from "../../support/with_property.ts";

/** Records the events of a node; tests can wait for them. */
class RecordingListener implements NodeListener {
  readonly messages: unknown[] = [];
  readonly malformed: {
    readonly line: string;
    readonly problem: string;
    readonly isAccepted: boolean;
  }[] = [];
  readonly log: string[] = [];
  #notify = () => {};

  sent(message: unknown): void {
    this.messages.push(message);
    this.#notify();
  }

  malformedOutput(
    line: string,
    problem: string,
    { isAccepted }: { readonly isAccepted: boolean },
  ): void {
    this.malformed.push({ line, problem, isAccepted });
    this.#notify();
  }

  logged(line: string): void {
    this.log.push(line);
    this.#notify();
  }

  /** Resolves once `enough()` holds. */
  async until(enough: () => boolean): Promise<void> {
    while (!enough()) await new Promise<void>((resolve) => this.#notify = resolve);
  }
}

function start(
  script: string,
): { readonly node: NodeProcess; readonly listener: RecordingListener } {
  const listener = new RecordingListener();
  return {
    listener,
    node: new NodeProcess({ command: "/bin/sh", args: ["-c", script], cwd: "/tmp" }, listener),
  };
}

/** Returns the state of a process as `ps` shows it; empty if it has ended. */
async function stateOf(pid: string): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state.startsWith("Z") ? "" : state;
}

/** Waits for a state, since signals are asynchronous. */
async function untilState(pid: string, is: (state: string) => boolean): Promise<void> {
  while (!is(await stateOf(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
}

const gone = (state: string) => state === "";
const stopped = (state: string) => state.startsWith("T");

Deno.test("a kill also kills the node's child process that ignores other signals", async () => {
  const { node, listener } = start("trap '' TERM INT HUP; sleep 1000 & echo $! >&2; wait");
  await listener.until(() => listener.log.length > 0);
  const [child] = listener.log as [string];
  await node.kill();
  await untilState(child, gone);
  assertEquals(node.exit?.signal, "SIGKILL");
});

Deno.test("an exit of the node kills its child process", async () => {
  const { node, listener } = start("sleep 1000 & echo $! >&2; exit 3");
  assertEquals((await node.ended).code, 3);
  await untilState(listener.log[0] as string, gone);
});

Deno.test("a pause also pauses the program that a script has started", async () => {
  const { node, listener } = start("sleep 1000 & echo $! >&2; wait");
  await listener.until(() => listener.log.length > 0);
  const [child] = listener.log as [string];
  node.pause();
  await untilState(child, stopped);
  node.resume();
  await untilState(child, (state) => !stopped(state));
  await node.kill();
});

Deno.test("a partial line is malformed output of a node that exits, but not of a killed node", async () => {
  const killed = start(`printf '{"src":'; echo up >&2; sleep 1000`);
  await killed.listener.until(() => killed.listener.log.length > 0);
  await killed.node.kill();
  assertEquals(killed.listener.malformed, []);

  const exited = start(`printf '{"src":'`);
  await exited.node.ended;
  assertEquals(exited.listener.malformed.map(({ line }) => line), ['{"src":']);
});

Deno.test("the last lines mention an unfinished line", async () => {
  const { node, listener } = start(`printf '{"src":'; echo up >&2; sleep 1000`);
  await listener.until(() => listener.log.length > 0);
  while (node.lastLines.stdout.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assertEquals(node.lastLines.stdout, ["(7 bytes of a line without a newline)"]);
  await node.kill();
});

Deno.test("a last message without a newline is sent", async () => {
  const message = { src: "n0", dest: "c0", body: {} };
  const { node, listener } = start(`printf '%s' '${JSON.stringify(message)}'`);
  await node.ended;
  assertEquals(listener.messages, [message]);
});

Deno.test("JSON that is nested too deep is malformed output and does not end the node", async () => {
  const deep = `head -c 100000 /dev/zero | tr '\\0' "$1"`;
  const { node, listener } = start(
    `deep() { ${deep}; }; printf '{"src":"n0","dest":"n0","body":'; deep '['; deep ']'; echo '}'; ` +
      `echo '{"src":"n0","dest":"n0","body":{}}'`,
  );
  await node.ended;
  assertMatch(listener.malformed[0]?.problem ?? "", /nested more than 1000 deep/);
  assertEquals(listener.messages.length, 1);
  assert((node.lastLines.stdout[0] as string).length < 1100, "the line was not shortened");
});

Deno.test("a message to a node that has ended, or closed its stdin, is lost silently", async () => {
  const message = { src: "n0", dest: "c0", body: { type: "x" } };
  const ended = start("exit 0");
  await ended.node.ended;
  await ended.node.deliver(message);
  await ended.node.kill();

  const closed = start("exec 0<&-; echo up >&2; sleep 1000");
  await closed.listener.until(() => closed.listener.log.length > 0);
  await closed.node.deliver(message);
  await closed.node.deliver(message);
  await closed.node.kill();
});

Deno.test("a node that never reads can be killed while a message waits", async () => {
  const { node, listener } = start("echo up >&2; sleep 1000");
  await listener.until(() => listener.log.length > 0);
  const body = { type: "x", padding: "x".repeat(1_000_000) };
  const delivered = node.deliver({ src: "n1", dest: "n0", body });
  await node.kill();
  await delivered;
});

Deno.test("messages that are delivered in one turn all arrive, in order", async () => {
  const { node, listener } = start("cat");
  const messages = Array.from({ length: 500 }, (_, n) => ({ src: "n0", dest: "n1", body: { n } }));
  for (const message of messages.slice(0, 400)) assertEquals(node.deliver(message), undefined);
  await listener.until(() => listener.messages.length === 400);
  for (const message of messages.slice(400)) await node.deliver(message);
  await listener.until(() => listener.messages.length === 500);
  assertEquals(listener.messages, messages);
  await node.kill();
});

Deno.test("a message waits when more than 64 KiB are unwritten", async () => {
  const { node, listener } = start("echo up >&2; read line; echo read >&2; cat");
  await listener.until(() => listener.log.length > 0);
  const message = { src: "n0", dest: "n1", body: { padding: "" } };
  message.body.padding = "x".repeat(1024 - JSON.stringify(message).length - 1);
  // Nothing is written before the messages of this turn are delivered.
  for (let count = 0; count < 64; count++) assertEquals(node.deliver(message), undefined);
  const waits = node.deliver(message);
  assert(waits instanceof Promise);
  await waits;
  await listener.until(() => listener.messages.length >= 64);
  await node.kill();
});

Deno.test("the message of a malformed line is sent if Maelstrom accepts the line", async () => {
  const { node, listener } = start(`echo '{"src":"n0","dest":"n1"}'; echo oops; echo`);
  await node.ended;
  assertEquals(listener.messages, [{ src: "n0", dest: "n1", body: {} }]);
  assertEquals(listener.malformed.map(({ line, isAccepted }) => [line, isAccepted]), [
    ['{"src":"n0","dest":"n1"}', true],
    ["oops", false],
    ["", false],
  ]);
});

Deno.test("the last 32 lines of each stream are kept", async () => {
  const { node } = start("for n in $(seq 40); do echo out $n; echo err $n >&2; done");
  await node.ended;
  const last = (stream: string) => Array.from({ length: 32 }, (_, n) => `${stream} ${n + 9}`);
  assertEquals(node.lastLines, { stdout: last("out"), stderr: last("err") });
});

Deno.test("a killed node has its exit status when the kill resolves", async () => {
  const { node } = start("exec sleep 1000");
  assertEquals(node.exit, undefined);
  await node.kill();
  assertEquals(node.exit, { code: 137, signal: "SIGKILL" });
});

Deno.test("a program that cannot be started is named", () => {
  const listener = new RecordingListener();
  const command = { command: "/no/such/program", args: [], cwd: "/tmp" };
  const error = assertThrows(() => new NodeProcess(command, listener), StartError);
  assertMatch(error.message, /^\/no\/such\/program could not be started: /);
});

Deno.test("a log line of more than 16 MiB is skipped and named; the next one is logged", async () => {
  const mebibytes = (count: number) => `head -c ${count * 1024 * 1024} /dev/zero | tr '\\0' x`;
  const { node, listener } = start(
    `(${mebibytes(17)}; echo; ${mebibytes(15)}; echo; echo end) >&2`,
  );
  await node.ended;
  const [skipped = "", long = "", end] = listener.log;
  assertMatch(skipped, /^\(.*16777216 bytes.*\)$/);
  assertEquals([long.length, end, listener.log.length], [15 * 1024 * 1024, "end", 3]);
});

Deno.test({
  name: "a node has ended although a process outside of its group keeps its streams open",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const escaping = "setsid sh -c 'echo $$ >&2; exec sleep 1000' & read line; exit 3";
    const { node, listener } = start(escaping);
    await listener.until(() => listener.log.length > 0);
    await node.deliver({ src: "c0", dest: "n0", body: { type: "end" } });
    assertEquals((await node.ended).code, 3);
    const pid = Number(listener.log[0]);
    assert(await isRunning(pid), "the process did not leave the group");
    Deno.kill(pid, "SIGKILL");
  },
});

Deno.test({
  name: "a message does not wait for a killed node whose stdin another process keeps open",
  ignore: Deno.build.os !== "linux",
  fn: async () => {
    const { node, listener } = start(
      "exec 3<&0; setsid sh -c 'echo $$ >&2; exec sleep 1000' <&3 & sleep 1000",
    );
    await listener.until(() => listener.log.length > 0);
    const body = { type: "x", padding: "x".repeat(1_000_000) };
    const delivered = node.deliver({ src: "n1", dest: "n0", body });
    assert(delivered instanceof Promise);
    await node.kill();
    await delivered;
    Deno.kill(Number(listener.log[0]), "SIGKILL");
  },
});

Deno.test("a node that has ended leaves no timer, which would keep the workbench running", async () => {
  const pending = new Set<unknown>();
  const { setTimeout, clearTimeout } = globalThis;
  const startTimer = ((fn: () => void, delayMs: number) => {
    const timer = setTimeout(() => {
      pending.delete(timer);
      fn();
    }, delayMs);
    pending.add(timer);
    return timer;
  }) as typeof setTimeout;
  const cancel: typeof clearTimeout = (timer) => {
    pending.delete(timer);
    clearTimeout(timer);
  };
  const run = async () => void await start("exit 0").node.ended;
  const observed = () => withProperty(globalThis, "clearTimeout", cancel, run);
  await withProperty(globalThis, "setTimeout", startTimer, observed);
  assertEquals(pending.size, 0);
});

Deno.test("a last log line without a newline is logged", async () => {
  const { node, listener } = start("printf 'a\\nb' >&2");
  await node.ended;
  assertEquals(listener.log, ["a", "b"]);
});

Deno.test("a node that has ended gets no signal, since its id may be that of another process", async () => {
  const { node } = start("exit 0");
  await node.ended;
  const signals: unknown[] = [];
  await withProperty(Deno, "kill", (...args) => void signals.push(args), async () => {
    node.pause();
    node.resume();
    node.killNow();
    await node.kill();
  });
  assertEquals(signals, []);
});

Deno.test("an error of a signal to a process that ends is ignored, any other one is not", async () => {
  const { node } = start("exec sleep 1000");
  const { NotFound, PermissionDenied } = Deno.errors;
  const failWith = (error: Error) => () => {
    throw error;
  };
  for (const error of [new NotFound(), new PermissionDenied()]) {
    await withProperty(Deno, "kill", failWith(error), () => node.pause());
  }
  await withProperty(Deno, "kill", failWith(new TypeError("planted")), () => {
    assertThrows(() => node.pause(), TypeError, "planted");
  });
  await node.kill();
});

Deno.test("a program finds this Deno last on its PATH, also without a PATH of the workbench", async () => {
  const printed = async () => {
    const { node, listener } = start("echo $PATH >&2");
    await node.ended;
    return listener.log[0];
  };
  const folder = Deno.execPath().replace(/\/[^/]*$/, "");
  const path = Deno.env.get("PATH");
  assertEquals(await printed(), `${path}:${folder}`);
  await withProperty(Deno.env, "get", () => undefined, async () => {
    assertEquals(await printed(), folder);
  });
});
