import { assert, assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import {
  createFault,
  generateGrudge,
  generateOneWayGrudge,
  generatePartialGrudge,
  type Grudge,
  ONE_WAY_SHAPES,
} from "../../../lib/workbench/fault/mod.ts";
import { nodeIds } from "../../../lib/workload/mod.ts";
import { assertNear } from "../../support/assert_near.ts";

/** Returns plans of a fault with their values. */
function plansOf<P>(fault: string, nodeCount: number, count = 400, node?: string) {
  const nodes = nodeIds(nodeCount);
  return Array.from({ length: count }, (_, seed) => {
    const { value, plan } = createFault(fault).generate(nodes, new Random(seed), node);
    return { value, plan: plan as P };
  });
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)].sort();
}

/** Returns the smaller side of a partition in two, and asserts that it is one, in both directions. */
function smallerSide(grudge: Grudge, nodes: readonly string[]): string[] {
  const others = grudge.n0 ?? [];
  const own = nodes.filter((node) => !others.includes(node));
  for (const node of nodes) {
    const across = own.includes(node) ? others : own;
    assertEquals((grudge[node] ?? []).toSorted(), across.toSorted(), node);
  }
  return own.length < others.length ? own : [...others];
}

Deno.test("a partition in two isolates one node, less than a third, or less than a half", () => {
  for (const count of [2, 3, 4, 5, 6, 7, 9, 10]) {
    const nodes = nodeIds(count);
    const sizeOf = (shape: "one" | "minority-third" | "majority") =>
      smallerSide(generateGrudge(shape, nodes, new Random(count)), nodes).length;
    assertEquals(sizeOf("one"), 1);
    const third = sizeOf("minority-third");
    assert(3 * third < count && 3 * (third + 1) >= count, `${third} of ${count}`);
    const minority = sizeOf("majority");
    assert(2 * minority <= count && 2 * (minority + 1) > count, `${minority} of ${count}`);
  }
});

Deno.test("a partition that a node triggers has this node on its smaller side", () => {
  for (const shape of ["one", "minority-third", "majority"] as const) {
    for (let seed = 0; seed < 20; seed++) {
      const grudge = generateGrudge(shape, nodeIds(7), new Random(seed), "n4");
      assert(smallerSide(grudge, nodeIds(7)).includes("n4"), shape);
    }
  }
});

Deno.test("a one-way partition that a node triggers affects this node", () => {
  for (const shape of ONE_WAY_SHAPES) {
    for (let seed = 0; seed < 10; seed++) {
      const grudge = generateOneWayGrudge(shape, nodeIds(5), new Random(seed), "n3");
      const isMuted = Object.values(grudge).every((senders) => senders.includes("n3"));
      assert(shape === "mute" ? isMuted : grudge.n3 !== undefined, shape);
    }
  }
});

Deno.test("a one-way partition of halves drops all from the other half, and a link those of one node", () => {
  for (const count of [2, 3, 5, 8]) {
    const half = generateOneWayGrudge("half", nodeIds(count), new Random(count));
    const receivers = Object.keys(half);
    assertEquals(receivers.length, Math.ceil(count / 2));
    const others = nodeIds(count).filter((node) => !receivers.includes(node)).sort();
    for (const senders of Object.values(half)) assertEquals(senders.toSorted(), others);
    const link = generateOneWayGrudge("link", nodeIds(count), new Random(count));
    assertEquals(Object.values(link).map(({ length }) => length), [1]);
  }
  for (const shape of ONE_WAY_SHAPES) {
    assertEquals(generateOneWayGrudge(shape, ["n0"], new Random(1)), {}, "a single node");
  }
});

Deno.test("the links of a large ring work in both directions, hardly more than a majority at a node", () => {
  for (let seed = 0; seed < 20; seed++) {
    for (const count of [6, 7, 12]) {
      const nodes = nodeIds(count);
      const grudge = generateGrudge("majorities-ring", nodes, new Random(seed));
      for (const receiver of nodes) {
        const dropped = grudge[receiver] ?? [];
        assert(!dropped.includes(receiver));
        for (const sender of dropped) assert(grudge[sender]?.includes(receiver));
        const excess = count - dropped.length - (Math.floor(count / 2) + 1);
        assert(excess >= 0 && excess <= 1, `${excess} more than a majority`);
      }
    }
  }
});

Deno.test("random partial partitions differ in how many links beyond a tree they drop", () => {
  const nodes = nodeIds(8);
  const shares = Array.from({ length: 300 }, (_, seed) => {
    const grudge = generatePartialGrudge("random", nodes, new Random(seed));
    const dropped = Object.values(grudge).flat().length;
    return dropped / (8 * 7 - 2 * 7);
  });
  for (const share of [0.2, 0.5, 0.9]) {
    const near = shares.filter((other) => Math.abs(other - share) < 0.15).length;
    assert(near > 60, `${near} of 300 drop about ${share}`);
  }
  const oneWay = generatePartialGrudge("random", nodes, new Random(3));
  const links = Object.entries(oneWay).flatMap(([receiver, senders]) =>
    senders.map((sender) => oneWay[sender]?.includes(receiver) === true)
  );
  assertEquals(distinct(links), [false, true], "some links fail in one direction only");
});

Deno.test("the links that a random partial partition keeps form trees of several depths", () => {
  const depths = new Set<number>();
  for (let seed = 0; seed < 300; seed++) {
    const nodes = nodeIds(6);
    const grudge = generatePartialGrudge("random", nodes, new Random(seed));
    const works = (one: string, other: string) =>
      !grudge[one]?.includes(other) && !grudge[other]?.includes(one);
    const degrees = nodes.map((node) => nodes.filter((other) => works(node, other)).length - 1);
    // With nearly all links lost, the degrees are those of the tree.
    if (degrees.reduce((sum, degree) => sum + degree, 0) === 2 * 5) {
      depths.add(Math.max(...degrees));
    }
  }
  assert(depths.size > 2, [...depths].join());
});

Deno.test("a partial partition of fewer nodes keeps as many lost links as a path allows", () => {
  const fault = createFault("partial-partition");
  const chain = { n0: ["n2", "n3"], n1: ["n3"], n2: ["n0"], n3: ["n0", "n1"] };
  assertEquals(fault.restrict(chain, ["n0", "n1", "n3"]), {
    n0: ["n3"],
    n3: ["n0"],
  });
  assertEquals(fault.restrict(chain, ["n0", "n1", "n2"]), { n0: ["n2"], n1: [], n2: ["n0"] });
});

Deno.test("faults of nodes affect one, a minority, or all, and a minority is less than a half", () => {
  for (const count of [1, 2, 3, 4, 5, 6, 7, 25]) {
    const sizes = (value: string) =>
      distinct(
        plansOf<{ nodes: string[] }>("kill", count, 60)
          .filter((generated) => generated.value === value)
          .map(({ plan }) => plan.nodes.length),
      );
    const [minority = 0] = sizes("minority");
    assert(minority === 1 || 2 * minority < count, `${minority} of ${count}`);
    assert(count < 3 || 2 * (minority + 1) >= count, `${minority} of ${count}`);
    assertEquals([sizes("one"), sizes("all")], [[1], [count]]);
  }
  for (const { plan: { nodes } } of plansOf<{ nodes: string[] }>("pause", 5, 60, "n3")) {
    assert(nodes.includes("n3"));
    assertEquals(nodes, nodes.toSorted());
  }
});

Deno.test("membership leaves one or more members, and often at least three", () => {
  const left = (count: number) =>
    plansOf<{ nodes: string[] }>("membership", count).map(({ plan }) => count - plan.nodes.length);
  assertEquals(distinct(left(1)), [1]);
  assertEquals(distinct(left(2)), [1]);
  assertEquals(distinct(left(3)), [1, 2]);
  const five = left(5);
  assertEquals(distinct(five), [1, 2, 3, 4]);
  assertNear(five.filter((members) => members >= 3).length, 300, 40, "with three members or more");
  for (
    const { value, plan: { nodes } } of plansOf<{ nodes: string[] }>("membership", 5, 60, "n2")
  ) {
    assert(nodes.includes("n2"));
    assertEquals(value, nodes);
  }
});

Deno.test("most losses of power wait for an fsync, and some happen immediately", () => {
  const waits = plansOf<{ within?: number; seed: string }>("disk", 3);
  const immediate = waits.filter(({ plan }) => plan.within === undefined).length;
  assert(immediate > 20 && immediate < 80, `${immediate} of 400`);
  const times = distinct(waits.flatMap(({ plan: { within } }) => within ?? []));
  assert(times.length > 1 && times.every((time) => time >= 1000 && time <= 20_000));
  assert(new Set(waits.map(({ plan }) => plan.seed)).size > 390, "each with a seed of its own");
});

Deno.test("clocks jump by 4 ms to 262 s, forward or backward, at once and within some seconds", () => {
  type Plan = { jumps: { node: string; after: number; offset: number }[] };
  const plans = plansOf<Plan>("skew", 3);
  const jumps = plans.flatMap(({ plan }) => plan.jumps);
  const exponents = jumps.map(({ offset }) => Math.log2(Math.abs(offset)));
  assert(exponents.every((exponent) => exponent >= 2 && exponent <= 18));
  assertNear(exponents.reduce((sum, one) => sum + one, 0) / exponents.length, 10, 0.6, "exponent");
  assert(Math.min(...exponents) < 3 && Math.max(...exponents) > 17);
  assertNear(jumps.filter(({ offset }) => offset < 0).length / jumps.length, 0.5, 0.06, "backward");
  const later = plans.map(({ plan }) => plan.jumps.filter(({ after }) => after > 0));
  assert(later.some(({ length }) => length === 0) && later.some(({ length }) => length > 2));
  for (const [index, all] of later.entries()) {
    const { plan: { jumps } } = plans[index] as { plan: Plan };
    assertEquals(jumps.slice(jumps.length - all.length), all, "those at once come first");
    assertEquals(all, all.toSorted((a, b) => a.after - b.after));
    const named = jumps.map(({ node }) => node);
    const first = named.slice(0, named.length - all.length);
    assertEquals(first.length, new Set(first).size);
    assert(all.every(({ node }) => first.includes(node)), "the same clocks jump again");
  }
});

Deno.test("slow affects one node, half of the nodes, or all", () => {
  for (const count of [1, 2, 3, 5, 6]) {
    const sizes = plansOf<{ nodes: string[] }>("slow", count, 60)
      .map(({ plan: { nodes } }) => nodes.length);
    assertEquals(distinct(sizes), distinct([1, Math.ceil(count / 2), count]));
  }
});

Deno.test("the value of a generated fault in the history shows its plan, but not its seed", () => {
  for (const fault of ["loss", "duplicate", "reorder", "slow-services"]) {
    for (const { value, plan } of plansOf<{ seed: string }>(fault, 3, 20)) {
      const { seed, ...shown } = plan;
      assertEquals(value, shown);
      assert(seed.length > 0);
    }
    const plans = plansOf<object>(fault, 3, 200).map(({ value }) => JSON.stringify(value));
    assert(distinct(plans).length > 4, `${fault} has several strengths`);
  }
});
