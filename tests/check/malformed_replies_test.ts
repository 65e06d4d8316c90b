import { assertEquals } from "std/testing";
import { checkMalformedReplies } from "../../lib/check/mod.ts";
import { exceptionRecord, type Operation } from "../../lib/history/mod.ts";
import { parseHistory } from "../../lib/testing/mod.ts";
import { MalformedReplyError } from "../../lib/workload/mod.ts";

const REQUEST = { type: "read", msg_id: 1 };

function malformed(reply: unknown): Error {
  return new MalformedReplyError("n1", REQUEST, reply, "{value: an integer}", "value is missing");
}

Deno.test("malformed replies: counted, with the first of each function and its problem", () => {
  const thrown: Readonly<Record<number, Error>> = {
    1: malformed({ type: "read_ok" }),
    3: malformed({ type: "read_okay" }),
    5: malformed(7),
    7: new TypeError("not a reply"),
  };
  const history = parseHistory("0 read; 0 info; 1 read; 1 info; 2 add 1; 2 info; 3 read; 3 info")
    .map((operation): Operation => {
      const error = thrown[operation.index];
      return error === undefined ? operation : { ...operation, exception: exceptionRecord(error) };
    });
  const { explanations, ...verdict } = checkMalformedReplies(history);
  assertEquals(verdict, {
    "valid?": false,
    "maelstrom-valid?": true,
    "malformed-count": 3,
    malformed: [{ reply: { type: "read_ok" }, operation: 1 }, { reply: 7, operation: 5 }],
  });
  assertEquals(explanations, [
    {
      type: "malformed-reply",
      message: 'Operation 1 (read of process 0) received the malformed reply {"type":"read_ok"}: ' +
        "value is missing. Maelstrom ends such an operation as indeterminate.",
      operation: 1,
    },
    {
      type: "malformed-reply",
      message: "Operation 5 (add of process 2) received the malformed reply 7: value is missing. " +
        "Maelstrom ends such an operation as indeterminate.",
      operation: 5,
    },
  ]);
});

Deno.test("malformed replies: none, and those that Maelstrom recorded", () => {
  const history = parseHistory("0 read; 0 info; 1 read; 1 ok 5");
  assertEquals(checkMalformedReplies(history), { "valid?": true });
  const [invoke, info] = history as [Operation, Operation];
  const data = { type: "malformed-rpc-response", body: { type: "echo_ok" } };
  const recorded = [invoke, { ...info, exception: { via: [], data } }];
  const { "valid?": valid, explanations } = checkMalformedReplies(recorded);
  assertEquals(valid, false);
  const [{ message }] = explanations as [{ message: string }];
  assertEquals(
    message,
    'Operation 1 (read of process 0) received the malformed reply {"type":"echo_ok"}. ' +
      "Maelstrom ends such an operation as indeterminate.",
  );
  assertEquals(checkMalformedReplies([invoke, { ...info, exception: "x" }])["valid?"], true);
});
