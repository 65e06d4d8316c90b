/**
 * The queue of requests and batches that wait to be committed.
 *
 * @module
 */

import { assertEquals, assertRejects } from "std/testing";
import { RpcError } from "../../../../lib/node/mod.ts";
import type { Transaction } from "../../../../lib/protocol/txn/mod.ts";
import { PendingQueue, Request } from "../../../../lib/protocol/txn/root/batch.ts";
import { FakeHost } from "../../../../lib/testing/fake_host.ts";
import { append, read } from "./commit_fixture.ts";

const TIMEOUT_MS = 1000;
const OWN = "n1/own";
const pendingRead = { sender: "n1", applied: 0, arrivedAt: 0 };

/** A queue of n1, with requests that the test makes. */
function newQueue() {
  const host = new FakeHost();
  const node = {
    after: (delayMs: number, fn: () => unknown) => host.startTimer(delayMs, fn),
  };
  const queue = new PendingQueue(OWN, () => pendingRead);
  const newRequest = (transaction: Transaction, sender: string) => {
    const request = new Request(node, [transaction], sender, TIMEOUT_MS);
    request.reply.catch(() => {});
    return request;
  };
  return {
    host,
    queue,
    /** Adds a request of a client. */
    add(transaction: Transaction, client = "c1"): Request {
      const request = newRequest(transaction, client);
      queue.addRequest(request);
      return request;
    },
    /** Adds a batch that n2 forwards. */
    forward(sequence: number, transaction: Transaction): Request {
      const request = newRequest(transaction, "n2");
      if (request.isReadOnly) request.read = { ...pendingRead, sender: "n2" };
      queue.addBatch({ session: "n2/remote", sequence, transactions: [transaction] }, request);
      return request;
    },
    /** Serves all reads; returns their senders. */
    serve: () => queue.serveReads(() => true, (transaction) => [...transaction]),
    /** Seals the batches; returns them, and the session, number and length of each. */
    seal() {
      const batches = queue.seal();
      const names = batches.map(({ session, sequence, transactions }) =>
        `${session} ${sequence}: ${transactions.length}`
      );
      return { batches, names };
    },
  };
}

Deno.test("confirmed reads are served and leave the queue, and writes stay", async () => {
  const { queue, add, serve, seal } = newQueue();
  const { reply } = add(read);
  assertEquals([queue.isEmpty, queue.hasWrites], [false, false]);
  assertEquals(queue.serveReads(() => false, (transaction) => [...transaction]), []);
  assertEquals(serve(), ["c1"]);
  assertEquals(await reply, [read]);
  assertEquals([queue.isEmpty, serve()], [true, []]);
  add(append(1), "c2");
  add(read, "c3");
  assertEquals([queue.hasWrites, serve()], [true, ["c3"]]);
  assertEquals(seal().names, [`${OWN} 1: 1`]);
});

Deno.test("forwarded reads are served, unless this node's clients need a commit anyway", () => {
  const { queue, add, forward, serve } = newQueue();
  forward(1, read);
  assertEquals([queue.hasWrites, serve(), queue.isEmpty], [false, ["n2"], true]);
  forward(2, read);
  add(append(1));
  assertEquals([serve(), queue.hasWrites], [[], true]);
});

Deno.test("a forwarded batch that writes must be committed", () => {
  const { queue, forward, serve } = newQueue();
  forward(1, append(1));
  assertEquals([queue.hasWrites, serve(), queue.isEmpty], [true, [], false]);
});

Deno.test("a batch has the requests that still wait, and is empty when none does", async () => {
  const { host, queue, add, forward, seal } = newQueue();
  add(append(1));
  forward(1, append(2));
  await host.advance(TIMEOUT_MS);
  assertEquals(seal().names, []);
  add(append(3));
  add(read);
  forward(2, append(4));
  assertEquals(seal().names, ["n2/remote 2: 1", `${OWN} 1: 2`]);
  assertEquals(queue.isEmpty, true);
});

Deno.test("a batch whose outcome is unknown returns as it is, and its session makes no other", () => {
  const { queue, add, seal } = newQueue();
  add(append(1));
  queue.returnIndeterminate(seal().batches);
  add(append(2));
  const { names, batches } = seal();
  assertEquals(names, [`${OWN} 1: 1`]);
  queue.returnFailed(batches);
  assertEquals(seal().names, [`${OWN} 1: 1`], "it stays as it is after a failure, too");
  assertEquals(seal().names, [`${OWN} 2: 1`]);
});

Deno.test("requests of a batch that failed join the next one, and a forwarded batch stays", () => {
  const { queue, add, forward, seal } = newQueue();
  add(append(1));
  forward(1, append(2));
  queue.returnFailed(seal().batches);
  add(append(3));
  assertEquals(seal().names, ["n2/remote 1: 1", `${OWN} 2: 2`]);
});

Deno.test("a read that was in a failed batch is a read again", () => {
  const { queue, add, serve, seal } = newQueue();
  add(read);
  const { batches } = seal();
  assertEquals(serve(), []);
  queue.returnFailed(batches);
  assertEquals(serve(), ["c1"]);
});

Deno.test("the error of a timeout is definite unless an attempt may commit the request", async () => {
  const { host, queue, add, seal } = newQueue();
  const [failed, attempted] = [add(append(1)), add(append(2))];
  const { batches } = seal();
  queue.returnFailed(batches);
  const { batches: [again] } = seal();
  queue.returnFailed([{ ...again as typeof batches[0], requests: [failed] }]);
  await host.advance(TIMEOUT_MS);
  const codes = [failed, attempted].map(async ({ reply }) =>
    (await assertRejects(() => reply, RpcError)).code
  );
  assertEquals(await Promise.all(codes), [30, 0]);
  assertEquals(host.pendingTimers, 0);
});

Deno.test("a request settles once, and then needs no timer", async () => {
  const { host, add } = newQueue();
  const request = add(read);
  request.resolve([[...read]]);
  request.reject(new RpcError(0, "late"));
  assertEquals([request.isSettled, host.pendingTimers], [true, 0]);
  assertEquals(await request.reply, [read]);
});
