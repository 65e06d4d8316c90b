import { assertEquals } from "std/testing";
import {
  StandardStreams,
  STDERR,
  STDOUT,
} from "../../../../lib/workbench/sim/wasm/standard_streams.ts";
import { TestNode } from "./guest_node.ts";

const message = (text: string, id?: number) => ({
  src: "c1",
  dest: "n0",
  body: { type: "echo", text, ...(id === undefined ? {} : { msg_id: id }) },
});
const lineOf = (text: string) => `${JSON.stringify(message(text))}\n`;

function streamsOf() {
  const test = new TestNode();
  const streams = new StandardStreams(test.node);
  const read = (length: number) => {
    const buffer = new Uint8Array(length);
    return new TextDecoder().decode(buffer.subarray(0, streams.read(buffer)));
  };
  return { ...test, streams, read };
}

Deno.test("a read returns at most one message, and a small buffer a part of one", () => {
  for (const text of ["plain", "größer", "x\u007fy", "\u0080"]) {
    const { streams, read } = streamsOf();
    assertEquals([streams.hasInput, read(100)], [false, ""]);
    streams.add(message(text));
    streams.add(message("next"));
    assertEquals(read(1000), lineOf(text));
    assertEquals(streams.hasInput, true);
    const parts = [read(5), read(7), read(1000)];
    assertEquals(parts.map(({ length }) => length).slice(0, 2), [5, 7]);
    assertEquals(parts.join(""), lineOf("next"));
    assertEquals([streams.hasInput, read(10)], [false, ""]);
  }
  const { streams, read } = streamsOf();
  streams.add(message("fits"));
  assertEquals(read(lineOf("fits").length), lineOf("fits"));
  assertEquals(streams.hasInput, false);
});

Deno.test("lines of stdout and stderr go out when they are complete, the last ones at the end", () => {
  const { streams, printed, logged } = streamsOf();
  const write = (descriptor: number, text: string) =>
    streams.write(descriptor, new TextEncoder().encode(text));
  write(STDOUT, "a\nb");
  write(STDERR, "one\ntwo\nthr");
  write(STDOUT, "c\n");
  assertEquals([printed, logged], [["a", "bc"], ["one", "two"]]);
  write(STDOUT, "end");
  streams.flush();
  assertEquals([printed.slice(2), logged.slice(2)], [["end"], ["thr"]]);
});

Deno.test("input that a program does not read for as long as clients wait is unread", () => {
  const { streams, clock, read } = streamsOf();
  clock.monotonicMs = 20_000;
  assertEquals(streams.isUnread, false, "there is none");
  streams.add(message("a"));
  clock.monotonicMs = 24_000;
  streams.add(message("b"));
  assertEquals(streams.isUnread, false);
  clock.monotonicMs = 25_000;
  assertEquals(streams.isUnread, true);
  read(1000);
  assertEquals(streams.isUnread, false, "it reads");
  clock.monotonicMs = 30_000;
  assertEquals(streams.isUnread, true);
  read(1000);
  assertEquals(streams.isUnread, false, "it has read all");
});

Deno.test("a program is silent that writes nothing after a request, until it writes to stdout", () => {
  const { streams, clock } = streamsOf();
  streams.add(message("no request"));
  clock.monotonicMs = 60_000;
  assertEquals(streams.isSilent, false);
  streams.add(message("a", 1));
  clock.monotonicMs = 64_000;
  streams.add(message("b", 2));
  assertEquals(streams.isSilent, false);
  clock.monotonicMs = 65_000;
  assertEquals(streams.isSilent, true);
  streams.write(STDERR, new Uint8Array(1));
  assertEquals(streams.isSilent, true);
  streams.write(STDOUT, new Uint8Array(1));
  assertEquals(streams.isSilent, false);
});
