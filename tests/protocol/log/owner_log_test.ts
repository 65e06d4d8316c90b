import { assert, assertEquals } from "std/testing";
import { OwnerLog } from "../../../lib/protocol/log/owner.ts";

function logs(count: number): OwnerLog[] {
  return Array.from({ length: count }, (_, self) => new OwnerLog({ self, count }));
}

const entriesOf = (log: OwnerLog, key = "k") => log.read(key, 0, Infinity);

Deno.test("OwnerLog assigns each key to one owner, the same at all nodes, evenly", () => {
  const nodes = logs(5);
  const keysByOwner = [0, 0, 0, 0, 0];
  for (let key = 0; key < 5000; key++) {
    const owners = nodes.filter((node) => node.owns(`${key}`));
    assertEquals(owners.length, 1);
    keysByOwner[nodes.indexOf(owners[0] as OwnerLog)]!++;
  }
  assert(keysByOwner.every((keys) => keys > 850 && keys < 1150), keysByOwner.join(", "));
});

Deno.test("OwnerLog selects a key's owner by FNV-1a", () => {
  const log = new OwnerLog({ self: 0, count: 2 ** 32 });
  // Published test vectors (Fowler, Noll, Vo).
  const hashes = { "": 0x811c9dc5, a: 0xe40c292c, foobar: 0xbf9cf968 };
  for (const [key, hash] of Object.entries(hashes)) {
    assertEquals(log.ownerOf(key), (hash ^ (hash >>> 15)) >>> 0, key);
  }
});

Deno.test("OwnerLog on a cluster of one node keeps nothing for others", () => {
  const [log] = logs(1) as [OwnerLog];
  assertEquals([log.append("k", "a"), log.append("k", "b")], [0, 1]);
  assertEquals(entriesOf(log), [[0, "a"], [1, "b"]]);
  assert(!log.hasUpdates);
});

Deno.test("an owner assigns the offsets 0, 1, 2, …, and a copy is a prefix of its log", () => {
  const [owner, copy] = logs(2) as [OwnerLog, OwnerLog];
  assertEquals(["a", "b", "c"].map((message) => owner.append("k", message)), [0, 1, 2]);
  const first = owner.seal();
  owner.append("k", "d");
  const second = owner.seal();
  copy.apply(0, first);
  assertEquals(entriesOf(copy), [[0, "a"], [1, "b"], [2, "c"]]);
  copy.apply(0, second);
  assertEquals(entriesOf(copy), entriesOf(owner));
  assert(!owner.hasUpdates && !copy.hasUpdates);
});

Deno.test("an owner that lost its memory leaves a gap after the entries of the copies", () => {
  const [owner, copy] = logs(2) as [OwnerLog, OwnerLog];
  for (const message of ["a", "b"]) owner.append("k", message);
  const past = owner.seal();
  copy.apply(0, past);
  const restarted = new OwnerLog({ self: 0, count: 2 });
  restarted.apply(0, past);
  assertEquals(entriesOf(restarted), entriesOf(copy));
  restarted.start(10);
  assertEquals(restarted.append("k", "c"), 12);
  assertEquals(restarted.append("other", "c"), 10);
  assertEquals(restarted.append("k", "d"), 13);
  copy.apply(0, restarted.seal());
  assertEquals(entriesOf(copy), [[0, "a"], [1, "b"], [12, "c"], [13, "d"]]);
});
