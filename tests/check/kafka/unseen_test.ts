import { assertEquals } from "std/testing";
import { checkKafka, unseenOverTime } from "../../../lib/check/kafka/mod.ts";
import { parseLogHistory } from "../../../lib/testing/mod.ts";

Deno.test("sends increase the number of unseen messages, polls decrease it", () => {
  const history = parseLogHistory(`
    0 send k:1@0
    0 send k:2@1
    0 send j:1@0
    0 send k:3 !
    1 poll k:1@0 k:2@1`);
  const second = 1e9;
  assertEquals(unseenOverTime(history), [
    { time: 1 * second, key: "k", unseen: 1 },
    { time: 3 * second, key: "k", unseen: 2 },
    { time: 5 * second, key: "j", unseen: 1 },
    { time: 9 * second, key: "k", unseen: 0 },
  ]);
});

Deno.test("the remaining messages are listed by key, sorted, with the time of the last ok", () => {
  const history = parseLogHistory(`
    0 send k:10@0
    0 send k:9@1
    0 send j:1@0
    1 poll j:1@0
    1 poll ?`);
  assertEquals(checkKafka(history).unseen, {
    time: 7e9,
    unseen: new Map([["k", 2]]),
    messages: new Map([["k", [9, 10]]]),
    message: 'acknowledged but never polled: 9 and 10 of key "k"',
  });
});

Deno.test("at most 32 unseen messages of a key are listed unless allErrors is set", () => {
  const history = parseLogHistory(
    Array.from({ length: 50 }, (_, offset) => `0 send k:${offset}@${offset}`).join("\n"),
  );
  const shown = (allErrors: boolean) =>
    checkKafka(history, { allErrors }).unseen?.messages.get("k")?.length;
  assertEquals([shown(false), shown(true)], [32, 50]);
});
