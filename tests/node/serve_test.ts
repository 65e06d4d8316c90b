import { assert, assertEquals, assertMatch, assertStringIncludes } from "std/testing";
import { ErrorCode, type Json } from "../../lib/node/mod.ts";
import { INIT, NodeProcess, request, runNode } from "./node_process.ts";

const SURVIVOR = "tests/node/programs/survivor.ts";

function echo(payload: Json, id: number): string {
  return request({ type: "echo", echo: payload, msg_id: id });
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}

Deno.test("a node replies to its input, and exits with 0 when that ends", async () => {
  const { code, replies, stderr } = await runNode("nodes/echo.ts", [INIT, echo("hello", 1)]);
  assertEquals(replies, [
    { src: "n1", dest: "c1", body: { type: "init_ok", in_reply_to: 0 } },
    { src: "n1", dest: "c1", body: { type: "echo_ok", echo: "hello", in_reply_to: 1 } },
  ]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("lines and characters that arrive in pieces are reassembled", async () => {
  const node = new NodeProcess(SURVIVOR);
  const bytes = new TextEncoder().encode(`${INIT}\n\r\n${echo("日本語 🐟", 1)}`);
  const fish = bytes.lastIndexOf(0xf0);
  const ends = [0, 5, INIT.length - 1, INIT.length, INIT.length + 1, fish + 2, bytes.length];
  for (const [index, end] of ends.slice(1).entries()) {
    await node.write(bytes.subarray(ends[index], end));
    await pause(20);
  }
  await node.closeInput();
  const { code, replies, stderr } = await node.outcome();
  assertEquals(replies.map(({ body }) => body.echo), [undefined, "日本語 🐟"]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a last line without a newline is a line", async () => {
  const { replies } = await runNode(SURVIVOR, [INIT, echo("last", 1).trimEnd()]);
  assertEquals(replies.at(-1)?.body.echo, "last");
});

Deno.test("malformed lines are logged, and the requests between them answered", async () => {
  const malformed = ["\n", "  \n", "hello\n", "[]\n", '{"src":1}\n', "{\n", Uint8Array.of(255, 10)];
  const input = [INIT, ...malformed, request({ type: "fly", msg_id: 1 }), echo("after", 2)];
  const { code, replies, stderr } = await runNode(SURVIVOR, input);
  assertEquals(code, 0);
  assertEquals(replies.slice(1).map(({ body }) => body.code ?? body.echo), [10, "after"]);
  const reports = stderr.trimEnd().split("\n");
  assertEquals(reports.length, 5, stderr);
  for (const report of reports) assertMatch(report, /^skipped a line of input: /);
});

Deno.test("a handler's throw, an unhandled rejection and an uncaught error do not end a node", async () => {
  const node = new NodeProcess(SURVIVOR);
  await node.write(
    INIT,
    request({ type: "throw", msg_id: 1 }),
    request({ type: "stray", msg_id: 2 }),
    // Keeps the node running until the errors have been reported.
    request({ type: "slow", ms: 100, msg_id: 3 }),
    echo("alive", 4),
  );
  await node.closeInput();
  const { code, replies, stderr } = await node.outcome();
  assertEquals(code, 0);
  assertEquals(replies.map(({ body }) => body.type), [
    "init_ok",
    "error",
    "stray_ok",
    "echo_ok",
    "slow_ok",
  ]);
  assertEquals(replies[1]?.body.code, ErrorCode.crash);
  for (const text of ["thrown by a handler", "a stray rejection", "a stray error"]) {
    assertStringIncludes(stderr, text);
  }
  assertStringIncludes(stderr, "survivor.ts:");
});

for (const type of ["stray-invariant", "stray-invariant-error"]) {
  Deno.test(`an invariant that is violated outside a handler ends a node with 1: ${type}`, async () => {
    const node = new NodeProcess(SURVIVOR);
    // Without the violation, the node would run for five seconds.
    await node.write(INIT, request({ type, msg_id: 1 }), request({ type: "slow", ms: 5000 }));
    const { code, stderr } = await node.outcome();
    assertEquals(code, 1);
    assertMatch(stderr, /^the node ends: InvariantError: planted\n[^]*survivor\.ts:/);
  });
}

Deno.test("handlers that run when the input ends finish, and their replies are written", async () => {
  const slow = [300, 100, 200].map((ms, id) => request({ type: "slow", ms, msg_id: id }));
  const { code, replies, stderr } = await runNode(SURVIVOR, [INIT, ...slow]);
  assertEquals(replies.slice(1).map(({ body }) => body.in_reply_to), [1, 2, 0]);
  assertEquals([code, stderr], [0, ""]);
});

Deno.test("a handler's call to a node times out when the input ends", async () => {
  const { code, replies } = await runNode(SURVIVOR, [INIT, request({ type: "call", msg_id: 1 })]);
  assertEquals(replies.map(({ dest }) => dest), ["c1", "n2", "c1"]);
  assertEquals(replies.at(-1)?.body.code, ErrorCode.timeout);
  assertEquals(code, 0);
});

Deno.test("output beyond a pipe's capacity is written before the node exits", async () => {
  const length = 3_000_000;
  const long = request({ type: "long", length, msg_id: 1 });
  const { code, replies } = await runNode(SURVIVOR, [INIT, long, long]);
  assertEquals(replies.slice(1).map(({ body }) => (body.text as string).length), [length, length]);
  assertEquals(code, 0);
});

Deno.test("a line of 8 MB is read", async () => {
  const word = "é".repeat(4 * 1024 * 1024);
  const { code, replies } = await runNode(SURVIVOR, [INIT, echo(word, 1), echo("next", 2)]);
  assertEquals([replies[1]?.body.echo === word, replies[2]?.body.echo], [true, "next"]);
  assertEquals(code, 0);
});

Deno.test("100,000 requests in one write are answered in order", async () => {
  const count = 100_000;
  const requests = Array.from({ length: count }, (_, id) => echo(id, id)).join("");
  const { code, replies } = await runNode(SURVIVOR, [INIT, requests]);
  assertEquals(replies.length, count + 1);
  assert(replies.slice(1).every(({ body }, id) => body.echo === id && body.in_reply_to === id));
  assertEquals(code, 0);
});

Deno.test("a node whose stdout is closed exits without an error", async () => {
  assertEquals(await new NodeProcess(SURVIVOR).closeOutput(), { code: 0, stderr: "" });
});

Deno.test("invalid arguments end a node with 2, and it prints its flags", async () => {
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

Deno.test("--help prints a node's flags and ends it with 0", async () => {
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

Deno.test("a node whose program throws at init logs the error and ends with 1", async () => {
  const { code, stdout, stderr } = await runNode(SURVIVOR, [INIT], ["--start", "bad"]);
  assertEquals([code, stdout], [1, ""]);
  assertStringIncludes(stderr, "this node cannot start");
});
