import { assert, assertEquals } from "std/testing";
import { TO_ITSELF, Witnesses } from "../../../../lib/protocol/txn/root/witnesses.ts";

function stage(...peers: string[]) {
  return new Witnesses({ peers, random: () => 0.5 });
}

Deno.test("what the only other node hands over to be read needs no more witness", () => {
  const witnesses = stage("n2");
  const reader = witnesses.reader("n2", { known: 3, mark: undefined });
  assertEquals([2, 3, 4].map((length) => witnesses.confirm(length, reader)), [false, true, true]);
});

Deno.test("a node that has not read the root is no witness", () => {
  const witnesses = stage("n2");
  const mark = witnesses.markFor("n2");
  const reader = witnesses.reader("n2", { known: undefined, mark });
  assertEquals(witnesses.confirm(1000, reader), false);
});

Deno.test("a statement counts for those who asked before the mark went out that it repeats", () => {
  const witnesses = stage("n2");
  const early = witnesses.reader("n1", TO_ITSELF);
  const mark = witnesses.markFor("n2");
  const late = witnesses.reader("n1", TO_ITSELF);
  assertEquals(witnesses.confirm(5, early), false);
  witnesses.heard("n2", { known: 5, mark });
  assertEquals([witnesses.confirm(5, early), witnesses.confirm(5, late)], [true, false]);
  assertEquals(witnesses.confirm(4, early), false);
});

Deno.test("a statement without a mark, or with one that is not the last, counts for nobody", () => {
  const witnesses = stage("n2");
  const old = witnesses.markFor("n2");
  const reader = witnesses.reader("n1", TO_ITSELF);
  const last = witnesses.markFor("n2");
  // (A former life may have begun its marks above those of this one.)
  for (const mark of [undefined, old, 0, last + 1, last + 2 ** 40]) {
    witnesses.heard("n2", { known: 0, mark });
    assertEquals(witnesses.confirm(9, reader), false);
  }
});

Deno.test("every other node has to witness", () => {
  const witnesses = stage("n2", "n3");
  const [own, handed] = [
    witnesses.reader("n1", TO_ITSELF),
    witnesses.reader("n2", { known: 1, mark: undefined }),
  ];
  const marks = { n2: witnesses.markFor("n2"), n3: witnesses.markFor("n3") };
  witnesses.heard("n3", { known: 1, mark: marks.n3 });
  assertEquals([witnesses.confirm(1, own), witnesses.confirm(1, handed)], [false, true]);
  witnesses.heard("n2", { known: 1, mark: marks.n2 });
  assertEquals(witnesses.confirm(1, own), true);
});

Deno.test("a node alone knows what it knows, and marks of two lives differ", () => {
  const witnesses = stage();
  assert(witnesses.confirm(0, witnesses.reader("n1", TO_ITSELF)));
  const other = new Witnesses({ peers: [], random: () => 0.500001 });
  assert(witnesses.markFor("n2") !== other.markFor("n2"));
});
