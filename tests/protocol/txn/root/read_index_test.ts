import { assert, assertEquals } from "std/testing";
import { OWN_REPORT, ReadQuorum } from "../../../../lib/protocol/txn/root/read_index.ts";

/** A read quorum of n1. */
function quorumOf(...peers: string[]) {
  return new ReadQuorum({ peers, random: () => 0.5 });
}

Deno.test("a read that the only other node forwards is confirmed by its own report", () => {
  const quorum = quorumOf("n2");
  const read = quorum.startRead("n2", { applied: 3, nonce: undefined });
  assertEquals([2, 3, 4].map((length) => quorum.confirms(length, read)), [false, true, true]);
});

Deno.test("a node that has not read the root confirms nothing", () => {
  const quorum = quorumOf("n2");
  const nonce = quorum.nonceFor("n2");
  const read = quorum.startRead("n2", { applied: undefined, nonce });
  assertEquals(quorum.confirms(1000, read), false);
});

Deno.test("a report confirms the reads that arrived before its nonce was sent", () => {
  const quorum = quorumOf("n2");
  const early = quorum.startRead("n1", OWN_REPORT);
  const nonce = quorum.nonceFor("n2");
  const late = quorum.startRead("n1", OWN_REPORT);
  assertEquals(quorum.confirms(5, early), false);
  quorum.receive("n2", { applied: 5, nonce });
  assertEquals([quorum.confirms(5, early), quorum.confirms(5, late)], [true, false]);
  assertEquals(quorum.confirms(4, early), false);
});

Deno.test("a report without the last nonce confirms nothing", () => {
  const quorum = quorumOf("n2");
  const old = quorum.nonceFor("n2");
  const read = quorum.startRead("n1", OWN_REPORT);
  const last = quorum.nonceFor("n2");
  // The nonces of an earlier incarnation may be above those of this one.
  for (const nonce of [undefined, old, 0, last + 1, last + 2 ** 40]) {
    quorum.receive("n2", { applied: 0, nonce });
    assertEquals(quorum.confirms(9, read), false);
  }
});

Deno.test("every other node must report", () => {
  const quorum = quorumOf("n2", "n3");
  const [own, forwarded] = [
    quorum.startRead("n1", OWN_REPORT),
    quorum.startRead("n2", { applied: 1, nonce: undefined }),
  ];
  const nonces = { n2: quorum.nonceFor("n2"), n3: quorum.nonceFor("n3") };
  quorum.receive("n3", { applied: 1, nonce: nonces.n3 });
  assertEquals([quorum.confirms(1, own), quorum.confirms(1, forwarded)], [false, true]);
  quorum.receive("n2", { applied: 1, nonce: nonces.n2 });
  assertEquals(quorum.confirms(1, own), true);
});

Deno.test("a single node confirms its reads, and the nonces of two incarnations differ", () => {
  const quorum = quorumOf();
  assert(quorum.confirms(0, quorum.startRead("n1", OWN_REPORT)));
  const other = new ReadQuorum({ peers: [], random: () => 0.500001 });
  assert(quorum.nonceFor("n2") !== other.nonceFor("n2"));
});
