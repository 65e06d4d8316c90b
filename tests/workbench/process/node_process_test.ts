import { assert, assertEquals, assertMatch } from "std/testing";
import type { NodeListener } from "../../../lib/workbench/engine.ts";
import { NodeProcess } from "../../../lib/workbench/process/node_process.ts";

/** What a node did, and a way to wait for it. */
class Heard implements NodeListener {
  readonly messages: unknown[] = [];
  readonly rubbish: { readonly line: string; readonly problem: string }[] = [];
  readonly log: string[] = [];
  #wake = () => {};

  sent(message: unknown): void {
    this.messages.push(message);
    this.#wake();
  }

  malformedOutput(line: string, problem: string): void {
    this.rubbish.push({ line, problem });
    this.#wake();
  }

  logged(line: string): void {
    this.log.push(line);
    this.#wake();
  }

  /** Resolves once this much was heard. */
  async until(enough: () => boolean): Promise<void> {
    while (!enough()) await new Promise<void>((resolve) => this.#wake = resolve);
  }
}

function start(script: string): { readonly node: NodeProcess; readonly heard: Heard } {
  const heard = new Heard();
  return { heard, node: new NodeProcess({ command: "/bin/sh", args: ["-c", script] }, heard) };
}

/** The state of a process as `ps` shows it; empty when there is none, and for one that has ended. */
async function stateOf(pid: string): Promise<string> {
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "stat=", "-p", pid] }).output();
  const state = new TextDecoder().decode(stdout).trim();
  return state.startsWith("Z") ? "" : state;
}

/** Waits for a state: a signal takes a moment. */
async function untilState(pid: string, is: (state: string) => boolean): Promise<void> {
  while (!is(await stateOf(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
}

const gone = (state: string) => state === "";
const stopped = (state: string) => state.startsWith("T");

Deno.test("what a node has started is killed with it, even if it ignores everything else", async () => {
  const { node, heard } = start("trap '' TERM INT HUP; sleep 1000 & echo $! >&2; wait");
  await heard.until(() => heard.log.length > 0);
  const [child] = heard.log as [string];
  await node.kill();
  await untilState(child, gone);
  assertEquals(node.exit?.signal, "SIGKILL");
});

Deno.test("what a node has started does not outlive a node that exits by itself", async () => {
  const { node, heard } = start("sleep 1000 & echo $! >&2; exit 3");
  assertEquals((await node.ended).code, 3);
  await untilState(heard.log[0] as string, gone);
});

Deno.test("a script stands still together with the program it has started", async () => {
  const { node, heard } = start("sleep 1000 & echo $! >&2; wait");
  await heard.until(() => heard.log.length > 0);
  const [child] = heard.log as [string];
  node.pause();
  await untilState(child, stopped);
  node.resume();
  await untilState(child, (state) => !stopped(state));
  await node.kill();
});

Deno.test("half a line is no fault of a node that was killed, but is of one that exits", async () => {
  const killed = start(`printf '{"src":'; echo up >&2; sleep 1000`);
  await killed.heard.until(() => killed.heard.log.length > 0);
  await killed.node.kill();
  assertEquals(killed.heard.rubbish, []);

  const exited = start(`printf '{"src":'`);
  await exited.node.ended;
  assertEquals(exited.heard.rubbish.map(({ line }) => line), ['{"src":']);
});

Deno.test("a line that has not ended shows in the last lines: its end may have been forgotten", async () => {
  const { node, heard } = start(`printf '{"src":'; echo up >&2; sleep 1000`);
  await heard.until(() => heard.log.length > 0);
  while (node.lastLines.stdout.length === 0) await new Promise((wake) => setTimeout(wake, 5));
  assertEquals(node.lastLines.stdout, ['(7 bytes of a line whose end, "\\n", has not come)']);
  await node.kill();
});

Deno.test("a last message without a line end counts", async () => {
  const message = { src: "n0", dest: "c0", body: {} };
  const { node, heard } = start(`printf '%s' '${JSON.stringify(message)}'`);
  await node.ended;
  assertEquals(heard.messages, [message]);
});

Deno.test("JSON that is nested too deep to handle is reported, cut short, and the node goes on", async () => {
  const deep = `head -c 100000 /dev/zero | tr '\\0' "$1"`;
  const { node, heard } = start(
    `deep() { ${deep}; }; printf '{"src":"n0","dest":"n0","body":'; deep '['; deep ']'; echo '}'; ` +
      `echo '{"src":"n0","dest":"n0","body":1}'`,
  );
  await node.ended;
  assertMatch(heard.rubbish[0]?.problem ?? "", /nested more than 1000 deep/);
  assertEquals(heard.messages.length, 1);
  assert((node.lastLines.stdout[0] as string).length < 1100, "the line was kept whole");
});

Deno.test("a message for a node that has ended, or closed its stdin, is lost quietly", async () => {
  const message = { src: "n0", dest: "c0", body: { type: "x" } };
  const ended = start("exit 0");
  await ended.node.ended;
  await ended.node.deliver(message);
  await ended.node.kill();

  const deaf = start("exec 0<&-; echo up >&2; sleep 1000");
  await deaf.heard.until(() => deaf.heard.log.length > 0);
  await deaf.node.deliver(message);
  await deaf.node.deliver(message);
  await deaf.node.kill();
});

Deno.test("a node that never reads is killed while a message waits for it", async () => {
  const { node, heard } = start("echo up >&2; sleep 1000");
  await heard.until(() => heard.log.length > 0);
  const body = { type: "x", padding: "x".repeat(1_000_000) };
  const delivered = node.deliver({ src: "n1", dest: "n0", body });
  await node.kill();
  await delivered;
});
