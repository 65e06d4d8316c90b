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

Deno.test("a key that was polled before its send was acknowledged counts until the next operation", () => {
  const history = parseLogHistory(`
    1 poll k:1@0
    0 send k:1@0
    0 send k:2@1
    0 send j:1@0
    0 send j:2@1`);
  assertEquals(unseenOverTime(history).map(({ key, unseen }) => [key, unseen]), [
    ["k", 1],
    ["k", 0],
    ["k", 1],
    ["j", 1],
    ["j", 2],
  ]);
});

Deno.test("more than 6 messages and 8 keys are counted", () => {
  const sends = (key: string, count: number) =>
    Array.from({ length: count }, (_, offset) => `0 send ${key}:${offset}@${offset}`);
  const messageOf = (lines: readonly string[]) =>
    checkKafka(parseLogHistory(lines.join("\n"))).unseen?.message;
  assertEquals(
    messageOf([...sends("b", 6), ...sends("a", 7)]),
    'acknowledged but never polled: 0, 1, 2, 3, 4 and 2 more of key "a"; 0, 1, 2, 3, 4 and 5 of ' +
      'key "b"',
  );
  const keys = Array.from({ length: 8 }, (_, number) => `k${number}`);
  const parts = keys.map((key) => `0 of key "${key}"`).join("; ");
  const all = `acknowledged but never polled: ${parts}`;
  assertEquals(messageOf(keys.flatMap((key) => sends(key, 1))), all);
  assertEquals(
    messageOf([...keys, "k8", "k9"].flatMap((key) => sends(key, 1))),
    `${all}; and of 2 more keys`,
  );
});

Deno.test("at most 32 unseen messages of a key are listed unless allErrors is set", () => {
  const history = parseLogHistory(
    Array.from({ length: 50 }, (_, offset) => `0 send k:${offset}@${offset}`).join("\n"),
  );
  const shown = (allErrors: boolean) =>
    checkKafka(history, { allErrors }).unseen?.messages.get("k")?.length;
  assertEquals([shown(false), shown(true)], [32, 50]);
});
