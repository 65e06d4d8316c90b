import { assert, assertEquals } from "std/testing";
import { contract, ErrorCode, serveContract } from "../../../lib/node/mod.ts";
import { logHandlers } from "../../../lib/protocol/log/mod.ts";
import { MemoryLog } from "../../../lib/protocol/log/memory_log.ts";
import { FakeNode } from "../../../lib/testing/fake_node.ts";

Deno.test("an exception of a commit is a crash, not an error of the log", async () => {
  class Faulty extends MemoryLog {
    override commit(): never {
      return Promise.reject(new TypeError("a bug")) as never;
    }
  }
  const log = new Faulty(1);
  const node = new FakeNode((node) => serveContract(node, contract.kafka, logHandlers(log)));
  const reply = await node.ask({ type: "commit_offsets", offsets: { k: 1 } });
  assertEquals(reply?.code, ErrorCode.crash);
  assert(node.host.logged.some((line) => line.includes("TypeError: a bug")));
});
