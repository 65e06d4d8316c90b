import { assertEquals } from "std/testing";
import { RecentLines } from "../../../lib/workbench/sim/recent_lines.ts";

Deno.test("RecentLines keeps the last 32 lines, the oldest first", () => {
  const lines = new RecentLines<number>();
  for (let line = 0; line < 40; line++) lines.add(line);
  assertEquals(lines.all, Array.from({ length: 32 }, (_, index) => index + 8));
});

Deno.test("RecentLines cuts long lists in the body of a message, and leaves the message alone", () => {
  const lines = new RecentLines<unknown>();
  const list = Array.from({ length: 600 }, (_, index) => index);
  const message = { src: "n1", body: { type: "read_ok", messages: list, short: [1, 2] } };
  const others = ["text", null, { src: "n1" }, { body: { list: list.slice(0, 500) } }];
  for (const line of [message, ...others]) lines.add(line);
  assertEquals(lines.all, [
    {
      src: "n1",
      body: {
        type: "read_ok",
        messages: [...list.slice(0, 500), "… (600 elements)"],
        short: [1, 2],
      },
    },
    ...others,
  ]);
  assertEquals(message.body.messages.length, 600);
});
