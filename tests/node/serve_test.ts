import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { ErrorCode } from "../../lib/node/mod.ts";
import { INIT, NodeProcess, request, runNode } from "./node_process.ts";

const SURVIVOR = "tests/node/programs/survivor.ts";

function echo(word: unknown, id: number): string {
  return request({ type: "echo", echo: word as string, msg_id: id });
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

Deno.test("a node answers what it is sent, and exits with 0 when its input ends", async () => {
  const { code, replies, stderr } = await runNode("nodes/echo.ts", [INIT, echo("hello", 1)]);
  assertEquals(replies, [
    { src: "n1", dest: "c1", body: { type: "init_ok", in_reply_to: 0 } },
    { src: "n1", dest: "c1", body: { type: "echo_ok", echo: "hello", in_reply_to: 1 } },
  ]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("lines that arrive in pieces are put together, characters too", async () => {
  const node = new NodeProcess(SURVIVOR);
  const bytes = new TextEncoder().encode(`${INIT}\n\r\n${echo("日本語 🐟", 1)}`);
  const fish = bytes.lastIndexOf(0xf0);
  const cuts = [0, 5, INIT.length - 1, INIT.length, INIT.length + 1, fish + 2, bytes.length];
  for (const [index, cut] of cuts.slice(1).entries()) {
    await node.write(bytes.subarray(cuts[index], cut));
    await pause(20);
  }
  await node.closeInput();
  const { code, replies, stderr } = await node.outcome();
  assertEquals(replies.map(({ body }) => body.echo), [undefined, "日本語 🐟"]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a last line without a line end is still a line", async () => {
  const { replies } = await runNode(SURVIVOR, [INIT, echo("last", 1).trimEnd()]);
  assertEquals(replies.at(-1)?.body.echo, "last");
});

Deno.test("rubbish among the lines is told on stderr, and the rest is answered", async () => {
  const rubbish = ["\n", "  \n", "hello\n", "[]\n", '{"src":1}\n', "{\n", Uint8Array.of(255, 10)];
  const input = [INIT, ...rubbish, request({ type: "fly", msg_id: 1 }), echo("after", 2)];
  const { code, replies, stderr } = await runNode(SURVIVOR, input);
  assertEquals(code, 0);
  assertEquals(replies.slice(1).map(({ body }) => body.code ?? body.echo), [10, "after"]);
  const reports = stderr.trimEnd().split("\n");
  assertEquals(reports.length, 5, stderr);
  for (const report of reports) assertMatch(report, /^skipped a line of input: /);
});

Deno.test("a thrown error, a stray rejection and a stray error do not take a node down", async () => {
  const node = new NodeProcess(SURVIVOR);
  await node.write(
    INIT,
    request({ type: "throw", msg_id: 1 }),
    request({ type: "stray", msg_id: 2 }),
  );
  await pause(50);
  await node.write(echo("alive", 3));
  await node.closeInput();
  const { code, replies, stderr } = await node.outcome();
  assertEquals(code, 0);
  assertEquals(replies.map(({ body }) => body.type), ["init_ok", "error", "stray_ok", "echo_ok"]);
  assertEquals(replies[1]?.body.code, ErrorCode.crash);
  for (const text of ["thrown by a handler", "a stray rejection", "a stray error"]) {
    assertStringIncludes(stderr, text);
  }
  assertStringIncludes(stderr, "survivor.ts:");
});

Deno.test("handlers under way when the input ends are finished and their replies written", async () => {
  const slow = [300, 100, 200].map((ms, id) => request({ type: "slow", ms, msg_id: id }));
  const { code, replies, stderr } = await runNode(SURVIVOR, [INIT, ...slow]);
  assertEquals(replies.slice(1).map(({ body }) => body.in_reply_to), [1, 2, 0]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a handler that waits for another node when the input ends gets a timeout", async () => {
  const { code, replies } = await runNode(SURVIVOR, [INIT, request({ type: "ask", msg_id: 1 })]);
  assertEquals(replies.map(({ dest }) => dest), ["c1", "n2", "c1"]);
  assertEquals(replies.at(-1)?.body.code, ErrorCode.timeout);
  assertEquals(code, 0);
});

Deno.test("more than a pipe holds is written whole, before the node exits", async () => {
  const length = 3_000_000;
  const long = request({ type: "long", length, msg_id: 1 });
  const { code, replies } = await runNode(SURVIVOR, [INIT, long, long]);
  assertEquals(replies.slice(1).map(({ body }) => (body.text as string).length), [length, length]);
  assertEquals(code, 0);
});

Deno.test("a line of many megabytes is read", async () => {
  const word = "é".repeat(4 * 1024 * 1024);
  const { code, replies } = await runNode(SURVIVOR, [INIT, echo(word, 1), echo("next", 2)]);
  assertEquals([replies[1]?.body.echo === word, replies[2]?.body.echo], [true, "next"]);
  assertEquals(code, 0);
});

Deno.test("a hundred thousand requests at once are answered in order", async () => {
  const count = 100_000;
  const requests = Array.from({ length: count }, (_, id) => echo(id, id)).join("");
  const { code, replies } = await runNode(SURVIVOR, [INIT, requests]);
  assertEquals(replies.length, count + 1);
  assert(replies.slice(1).every(({ body }, id) => body.echo === id && body.in_reply_to === id));
  assertEquals(code, 0);
});

Deno.test("a node whose output nobody reads any more exits quietly", async () => {
  assertEquals(await new NodeProcess(SURVIVOR).endDeaf(), { code: 0, stderr: "" });
});

Deno.test("arguments that a node does not know end it with 2, and it says which it knows", async () => {
  for (const args of [["--startt", "good"], ["–-start", "good"], ["--start", "bed"], ["good"]]) {
    const { code, stdout, stderr } = await runNode(SURVIVOR, [INIT], args);
    assertEquals([code, stdout], [2, ""], args.join(" "));
    assertStringIncludes(stderr, `"${args[0] === "--start" ? "bed" : args[0]}"`);
    assertStringIncludes(stderr, "--start NAME  whether it starts: good or bad (good)");
  }
  const { code, stderr } = await runNode("nodes/echo.ts", [INIT], ["--strategy", "hub"]);
  assertEquals(code, 2);
  assertStringIncludes(stderr, "takes no flags");
});

Deno.test("a node that is asked which arguments it takes says so and ends with 0", async () => {
  for (const help of ["--help", "-h"]) {
    const node = new Deno.Command(Deno.execPath(), { args: ["run", "--quiet", SURVIVOR, help] });
    const { code, stdout, stderr } = await node.output();
    assertEquals([code, stderr.length], [0, 0]);
    assertStringIncludes(
      new TextDecoder().decode(stdout),
      "--start NAME  whether it starts: good or bad (good)",
    );
  }
});

Deno.test("a node whose program throws at init ends with 1 and the error", async () => {
  const { code, stdout, stderr } = await runNode(SURVIVOR, [INIT], ["--start", "bad"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "this node cannot start");
});
