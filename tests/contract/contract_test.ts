import { assertEquals, assertStringIncludes } from "std/testing";
import * as contracts from "../../lib/contract/mod.ts";
import {
  type Contract,
  defineContract,
  type ReplyOf,
  type RequestOf,
} from "../../lib/contract/mod.ts";
import { schema } from "../../lib/wire/mod.ts";
import { type Connection, defineRpc, WORKLOADS } from "../../lib/workload/mod.ts";

const { broadcast, gCounter, kafka, linKv, txnListAppend, txnRwRegister } = contracts;

/** The contracts of the ten workloads, by the workload's name. */
const all: Readonly<Record<string, Contract>> = {
  echo: contracts.echo,
  "unique-ids": contracts.uniqueIds,
  broadcast,
  "g-set": contracts.gSet,
  "g-counter": gCounter,
  "pn-counter": contracts.pnCounter,
  kafka,
  "lin-kv": linKv,
  "txn-list-append": txnListAppend,
  "txn-rw-register": txnRwRegister,
};

/** Type-checks a function without running it. */
function typeChecks(_code: unknown): void {}

Deno.test("each workload has a contract", () => {
  assertEquals(Object.keys(all), WORKLOADS.map(({ name }) => name));
});

Deno.test("an endpoint's type is its key in the contract", () => {
  for (const contract of Object.values(all)) {
    for (const [key, { type }] of Object.entries(contract)) assertEquals(type, key);
  }
  const type: "commit_offsets" = kafka.commit_offsets.type;
  assertEquals(type, "commit_offsets");
});

Deno.test("a misspelt request field, request type or reply field does not compile", () => {
  const sendRpc = defineRpc(kafka.send);
  const readRpc = defineRpc(broadcast.read);
  typeChecks(async (connection: Connection) => {
    await sendRpc(connection, { key: "1", msg: 2 });
    // @ts-expect-error the field is called `msg`
    await sendRpc(connection, { key: "1", message: 2 });
    // @ts-expect-error `msg` is missing
    await sendRpc(connection, { key: "1" });
    // @ts-expect-error a key is a string
    await sendRpc(connection, { key: 1, msg: 2 });
    // @ts-expect-error the request is called `commit_offsets`
    defineRpc(kafka.commit);
    // @ts-expect-error the field is called `messages`
    (await readRpc(connection, {})).values;
    // @ts-expect-error the reply has no field `msgs`
    defineRpc(broadcast.read, { accepts: { msgs: schema.json } });
  });
});

Deno.test("a call without a contract has the given fields of its request and reply", async () => {
  const acquire = defineRpc("acquire", { owner: schema.string }, { token: schema.integer });
  const sent: unknown[] = [];
  const connection = {
    call: (body: unknown, reply: { problem(value: unknown, path: string): string | undefined }) => {
      sent.push(body);
      const answer = { type: "acquire_ok", token: 7, in_reply_to: 1 };
      assertEquals(reply.problem(answer, "reply"), undefined);
      assertStringIncludes(reply.problem({ ...answer, token: "7" }, "reply") ?? "", "token");
      return Promise.resolve(answer);
    },
  } as unknown as Connection;
  const { token } = await acquire(connection, { owner: "c1" });
  const asNumber: number = token;
  assertEquals([sent, asNumber], [[{ owner: "c1", type: "acquire" }], 7]);
});

Deno.test("the types of requests and replies follow from the schemas", () => {
  const cas: RequestOf<typeof linKv.cas> = { key: 1, from: null, to: [2] };
  const polled: ReplyOf<typeof kafka.poll> = { msgs: { a: [[0, "first"]] } };
  const added: ReplyOf<typeof gCounter.add> = {};
  const txn: RequestOf<typeof txnListAppend.txn> = { txn: [["r", 1, null], ["append", 1, 2]] };
  typeChecks(() => {
    // @ts-expect-error a node must not reply with null for an empty list
    const withNull: ReplyOf<typeof kafka.poll> = { msgs: { a: null } };
    // @ts-expect-error registers are written by "w"
    const withAppend: RequestOf<typeof txnRwRegister.txn> = { txn: [["append", 1, 2]] };
    return [withNull, withAppend];
  });
  assertEquals([cas, polled, added, txn].length, 4);
});

Deno.test("a field that may be left out is optional in the type", () => {
  const { get } = defineContract({
    get: { request: { key: schema.string, version: schema.optional(schema.natural) }, reply: {} },
  });
  const requests: RequestOf<typeof get>[] = [{ key: "a" }, { key: "a", version: 3 }];
  // @ts-expect-error the version is a number
  requests.push({ key: "a", version: "3" });
  // @ts-expect-error the key must be given
  requests.push({ version: 3 });
  assertEquals(requests.length, 4);
});

Deno.test("an addition must be an integer that both ends hold exactly", () => {
  const { delta } = gCounter.add.request;
  assertEquals(delta.problem(2 ** 53 - 1, "delta"), undefined);
  for (const value of [2 ** 53, 0.5, "1", null, undefined]) {
    assertStringIncludes(delta.problem(value, "delta") ?? "", "from -(2^53 - 1) to 2^53 - 1");
  }
});

Deno.test("a transaction consists of reads and the workload's own writes", () => {
  const { txn } = txnRwRegister.txn.request;
  assertEquals(txn.problem([["r", 1, null], ["w", "k", { any: "JSON" }]], "txn"), undefined);
  for (const step of [["append", 1, 2], ["r", 1], ["w", 1, 2, 3], "r", null]) {
    assertStringIncludes(txn.problem([step], "txn") ?? "", "txn[0]");
  }
});
