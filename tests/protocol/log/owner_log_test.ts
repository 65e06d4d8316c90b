import { assert, assertEquals } from "std/testing";
import { OwnerLog } from "../../../lib/protocol/log/owner_log.ts";

function logs(count: number, acks: "one" | "all" = "one"): OwnerLog[] {
  return Array.from(
    { length: count },
    (_, self) => new OwnerLog({ self, count, acks, retain: Infinity }),
  );
}

const all = (log: OwnerLog, key = "k") => log.read(key, 0, Infinity);

Deno.test("every key has one owner, the same everywhere, and each node owns a fair share", () => {
  const nodes = logs(5);
  const owned = [0, 0, 0, 0, 0];
  for (let key = 0; key < 5000; key++) {
    const owners = nodes.filter((node) => node.owns(`${key}`));
    assertEquals(owners.length, 1);
    owned[nodes.indexOf(owners[0] as OwnerLog)]!++;
  }
  assert(owned.every((keys) => keys > 850 && keys < 1150), owned.join(", "));
});

Deno.test("offsets are 0, 1, 2, …, and a copy is a prefix of them", () => {
  const [owner, copy] = logs(2) as [OwnerLog, OwnerLog];
  assertEquals(["a", "b", "c"].map((message) => owner.append("k", message)), [0, 1, 2]);
  const first = owner.cut();
  owner.append("k", "d");
  const second = owner.cut();
  copy.apply(0, first);
  assertEquals(all(copy), [[0, "a"], [1, "b"], [2, "c"]]);
  copy.apply(0, second);
  assertEquals(all(copy), all(owner));
  assert(!owner.hasNews && !copy.hasNews);
});

Deno.test("with acks all an entry is shown, also by its owner, once it comes back", () => {
  const [owner] = logs(2, "all") as [OwnerLog];
  owner.append("k", "a");
  const batch = owner.cut();
  owner.append("k", "b");
  assertEquals(all(owner), []);
  owner.apply(0, batch);
  assertEquals(all(owner), [[0, "a"]]);
});

Deno.test("an owner that lost its memory goes on behind what the copies have", () => {
  const [owner, copy] = logs(2) as [OwnerLog, OwnerLog];
  for (const message of ["a", "b"]) owner.append("k", message);
  copy.apply(0, owner.cut());
  const reborn = new OwnerLog({ self: 0, count: 2, acks: "one", retain: Infinity });
  reborn.restore(copy.snapshot());
  reborn.restore(copy.snapshot());
  assertEquals(all(reborn), all(copy));
  assertEquals(reborn.append("k", "c"), 2);
});
