import { assertEquals, assertMatch } from "std/testing";
import type { Node } from "../../lib/node/mod.ts";
import { FakeNode } from "../../lib/testing/fake_node.ts";

/** Runs a program; returns its node, and the times in milliseconds at which it called `note`. */
function timed(
  program: (node: Node, note: () => void) => void,
  init = true,
): { fake: FakeNode; times: number[] } {
  const times: number[] = [];
  const fake: FakeNode = new FakeNode(
    (node) => program(node, () => times.push(fake.host.elapsedMs)),
    { init },
  );
  return { fake, times };
}

Deno.test("after runs a function once, after its delay", async () => {
  const { fake, times } = timed((node, note) => node.after(20, note));
  await fake.host.advance(100);
  assertEquals(times, [20]);
});

Deno.test("every runs a function each interval, first after one interval", async () => {
  const { fake, times } = timed((node, note) => node.every(20, note));
  await fake.host.advance(70);
  assertEquals(times, [20, 40, 60]);
});

Deno.test("a program's timers start at init", async () => {
  const { fake, times } = timed((node, note) => {
    node.after(5, note);
    node.every(10, note);
    node.sleep(7).then(note);
  }, false);
  await fake.host.advance(100);
  assertEquals(times, []);
  fake.init();
  await fake.host.advance(20);
  assertEquals(times, [105, 107, 110, 120]);
});

Deno.test("a cancelled timer does not run, and to cancel it again does nothing", async () => {
  const { fake, times } = timed((node, note) => {
    const late = node.after(1, note);
    for (const cancel of [node.after(20, note), node.every(20, note)]) {
      cancel();
      cancel();
    }
    node.after(10, late);
  });
  await fake.host.advance(100);
  assertEquals(times, [1]);
  assertEquals(fake.host.pendingTimers, 0);
});

Deno.test("a timer that its program cancels immediately never runs", async () => {
  const { fake, times } = timed((node, note) => {
    node.after(20, note)();
    node.every(20, note)();
  }, false);
  fake.init();
  await fake.host.advance(100);
  assertEquals([times, fake.host.pendingTimers], [[], 0]);
});

Deno.test("a repeating timer may cancel itself", async () => {
  let runs = 0;
  const { fake, times } = timed((node, note) => {
    const cancel = node.every(10, () => {
      note();
      if (++runs === 3) cancel();
    });
  });
  await fake.host.advance(100);
  assertEquals(times, [10, 20, 30]);
  assertEquals(fake.host.pendingTimers, 0);
});

Deno.test("a timer's function that throws is logged, and runs again", async () => {
  const { fake, times } = timed((node, note) => {
    node.every(10, () => {
      note();
      throw new Error("in the call");
    });
    node.every(15, async () => {
      await node.sleep(1);
      throw new Error("in a promise");
    });
  });
  await fake.host.advance(31);
  assertEquals(times, [10, 20, 30]);
  assertEquals(fake.host.logged.length, 5);
  for (const line of fake.host.logged) {
    assertMatch(line, /a timer's function threw: .*in (the call|a promise)/);
  }
});

Deno.test("every does not wait for a slow function", async () => {
  const { fake, times } = timed((node, note) => {
    node.every(10, async () => {
      note();
      await node.sleep(1000);
    });
  });
  await fake.host.advance(35);
  assertEquals(times, [10, 20, 30]);
});

Deno.test("now and random come from the host", () => {
  const seen: number[] = [];
  const fake = new FakeNode((node) => {
    seen.push(node.now(), node.random());
  }, { seed: 7 });
  const again = new FakeNode((node) => {
    seen.push(node.now(), node.random());
  }, { seed: 7 });
  assertEquals(seen.slice(0, 2), seen.slice(2));
  assertEquals(seen[0], fake.host.startsAtMs);
  assertEquals(again.host.logged, []);
});
