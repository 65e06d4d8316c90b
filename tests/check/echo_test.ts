import { assertEquals } from "std/testing";
import fc from "fast-check";
import { Random } from "../../lib/base/mod.ts";
import { echoModel, generateHistory, parseHistory } from "../../lib/testing/mod.ts";
import { checkEcho } from "../../lib/check/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";

const cases: Readonly<Record<string, [history: string, valid: boolean]>> = {
  "the payload is echoed": [`0 echo "a"; 0 ok {"type": "echo_ok", "echo": "a"}`, true],
  "another payload is echoed": [`0 echo "a"; 0 ok {"type": "echo_ok", "echo": "a!"}`, false],
  "the reply has no payload": [`0 echo "a"; 0 ok {"type": "echo_ok"}`, false],
  "an object is echoed with its keys in another order": [
    `0 echo {"a": 1, "b": [2]}; 0 ok {"echo": {"b": [2], "a": 1}}`,
    true,
  ],
  "a list is echoed in another order": [`0 echo [1, 2]; 0 ok {"echo": [2, 1]}`, false],
  "1 is echoed as a string": [`0 echo 1; 0 ok {"echo": "1"}`, false],
  "two processes get their own replies in another order": [
    `0 echo "a"; 1 echo "b"; 1 ok {"echo": "b"}; 0 ok {"echo": "a"}`,
    true,
  ],
  "two processes get each other's replies": [
    `0 echo "a"; 1 echo "b"; 1 ok {"echo": "a"}; 0 ok {"echo": "b"}`,
    false,
  ],
  "requests get no reply": [`0 echo "a"; 0 info; 1 echo "b"`, true],
  "a request fails definitely, as in Maelstrom": [`0 echo "a"; 0 fail`, false],
};

for (const [situation, [text, valid]] of Object.entries(cases)) {
  Deno.test(`echo: ${valid ? "valid" : "invalid"} when ${situation}`, () => {
    const verdict = checkEcho(parseHistory(text));
    assertEquals(verdict["valid?"], valid);
    assertEquals((verdict["errors"] as unknown[]).length > 0, !valid);
  });
}

Deno.test("echo: an error lists the expected and the received value", () => {
  const history = parseHistory(`0 echo "a"; 0 ok {"echo": "b"}`);
  const verdict = checkEcho(history);
  assertEquals(verdict["errors"], [
    ["Expected a message with :echo", "a", "But received", { echo: "b" }],
  ]);
  assertEquals(verdict["explanations"], [{
    type: "wrong-echo",
    message: 'Operation 0 (echo of process 0) sent "a" and received {"echo":"b"}.',
    operations: [...history],
  }]);
});

Deno.test("echo: a correct history is valid; a single altered payload is found", () => {
  fc.assert(
    fc.property(fc.nat(), (seed) => {
      const random = new Random(seed);
      const history = generateHistory(random, echoModel(), {
        operations: 20,
        processes: 3,
        infoChance: 0.1,
      });
      assertEquals(checkEcho(history)["valid?"], true);
      const replies = history.filter(({ type }) => type === "ok");
      if (replies.length === 0) return;
      const { index } = random.pick(replies);
      const broken = history.map((operation) =>
        operation.index === index ? altered(operation) : operation
      );
      assertEquals((checkEcho(broken)["errors"] as unknown[]).length, 1);
    }),
    { seed: 95, numRuns: 200 },
  );
});

function altered(operation: Operation): Operation {
  const body = operation.value as { echo: string };
  return { ...operation, value: { ...body, echo: `${body.echo} ` } };
}
