import { assertEquals } from "std/testing";
import { type JournalEvent } from "../../lib/workbench/mod.ts";
import { encodeJournalEvent, JournalEncoder } from "../../lib/workbench/journal.ts";

const range = (length: number) => Array.from({ length }, (_, index) => index);

function event(id: number, messages: number[], type: "send" | "recv" = "send"): JournalEvent {
  const body = { type: "read_ok", messages, in_reply_to: id };
  return { type, id, time: 7, message: { src: "n0", dest: "c0", body } };
}

Deno.test("events with short lists are written whole", () => {
  const encoder = new JournalEncoder();
  for (const id of [0, 1, 2]) {
    const short = event(id, range(500 + id));
    assertEquals(encoder.encode(short), encodeJournalEvent(short));
  }
});

Deno.test("the lists of a journal can be restored from its continuations", () => {
  const encoder = new JournalEncoder();
  const lists = [
    range(2000),
    range(2003),
    range(1990),
    [...range(2001), -1],
    range(2050),
    range(3),
  ];
  const restored = new Map<number, number[]>();
  let characters = 0;
  lists.forEach((list, id) => {
    for (const type of ["send", "recv"] as const) {
      const line = encoder.encode(event(id, list, type));
      if (id > 0) characters += line.length;
      const { messages } = JSON.parse(line).body;
      const whole = Array.isArray(messages)
        ? messages
        : [...(restored.get(messages.of) ?? []).slice(0, messages.first), ...messages.then];
      assertEquals(whole, list, `${type} of message ${id}`);
      restored.set(id, whole);
    }
  });
  assertEquals(characters < 3000, true, `${characters} characters`);
});
