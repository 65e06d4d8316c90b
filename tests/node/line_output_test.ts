import { assert, assertEquals, assertThrows } from "std/testing";
import { LineOutput } from "../../lib/node/line_output.ts";
import { settled } from "../../lib/testing/fake_host.ts";

/** A sink that keeps its writes. */
class FakeSink {
  readonly writes: string[] = [];
  /** The error that writes throw. */
  failure: Error | undefined;

  writeSync(bytes: Uint8Array): number {
    if (this.failure !== undefined) throw this.failure;
    this.writes.push(new TextDecoder().decode(bytes));
    return bytes.length;
  }

  get text(): string {
    return this.writes.join("");
  }
}

function outputTo(sink: FakeSink, errors: unknown[] = []): LineOutput {
  return new LineOutput(sink, (error) => errors.push(error));
}

function message(n: unknown) {
  return { src: "n1", dest: "c1", body: { type: "t", n } as never };
}

function line(n: unknown): string {
  return `${JSON.stringify(message(n))}\n`;
}

Deno.test("LineOutput writes the messages of one turn together, in order, when the turn ends", async () => {
  const sink = new FakeSink();
  const output = outputTo(sink);
  for (const n of [1, 2, 3]) output.push(message(n));
  assertEquals(sink.writes, []);
  await settled();
  assertEquals(sink.writes, [line(1) + line(2) + line(3)]);
  output.push(message(4));
  await settled();
  assertEquals(sink.writes.slice(1), [line(4)]);
});

Deno.test("flush writes immediately, and only once", async () => {
  const sink = new FakeSink();
  const output = outputTo(sink);
  output.push(message(1));
  output.flush();
  assertEquals(sink.writes, [line(1)]);
  output.flush();
  await settled();
  assertEquals(sink.writes.length, 1);
});

Deno.test("a turn with much output is written in parts of bounded size", () => {
  const sink = new FakeSink();
  const output = outputTo(sink);
  const long = "x".repeat(1000);
  for (let n = 0; n < 1000; n++) output.push(message(long));
  output.flush();
  assertEquals(sink.text, line(long).repeat(1000));
  for (const write of sink.writes) assert(write.length < 70_000, `${write.length} characters`);
});

Deno.test("a sink that accepts part of a write receives the rest, with no character broken", () => {
  const bytes: number[] = [];
  const slow = {
    writeSync(part: Uint8Array) {
      const accepted = part.subarray(0, 3);
      bytes.push(...accepted);
      return accepted.length;
    },
  };
  const output = new LineOutput(slow, () => {});
  output.push(message("日本語 🐟"));
  output.flush();
  assertEquals(new TextDecoder().decode(new Uint8Array(bytes)), line("日本語 🐟"));
});

Deno.test("an error of the sink is reported", async () => {
  const sink = new FakeSink();
  const errors: unknown[] = [];
  const output = outputTo(sink, errors);
  sink.failure = new Deno.errors.BrokenPipe("closed");
  output.push(message(1));
  await settled();
  assertEquals(errors, [sink.failure]);
});

Deno.test("integers beyond 53 bits keep their digits", () => {
  const sink = new FakeSink();
  const output = outputTo(sink);
  output.push(message(12345678901234567890n));
  output.flush();
  assert(sink.text.includes('"n":12345678901234567890'), sink.text);
});

Deno.test("a message that is not JSON throws, and the lines before and after it are complete", () => {
  const sink = new FakeSink();
  const output = outputTo(sink);
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  output.push(message(1));
  assertThrows(() => output.push(message(circular)), TypeError);
  output.push(message(2));
  output.flush();
  assertEquals(sink.text, line(1) + line(2));
});
