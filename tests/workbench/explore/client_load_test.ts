import { assertEquals } from "std/testing";
import { Random } from "../../../lib/base/mod.ts";
import { type ClientLoad, withClientLoad } from "../../../lib/workbench/explore/client_load.ts";
import { withSettledRestarts } from "../../../lib/workbench/explore/restarts.ts";
import type { Generator, GeneratorContext, StateReads } from "../../../lib/workload/mod.ts";

const NODES = ["n0", "n1"];
const WRITE = { f: "add", value: 1 };
const READ = { f: "read", value: null };

/** The state reads of a workload whose writes cannot be turned into reads. */
const onlyReads: StateReads = { isRead: ({ f }) => f === "read" };

function context(nowMs: number, ...free: readonly number[]): GeneratorContext {
  return { nowMs, free, concurrency: 4, processOf: (worker) => worker };
}

/** Returns a generator under a load, of these invocations in turn, and then nothing. */
function loaded(
  load: ClientLoad,
  invocations: readonly { f: string; value: unknown }[],
  { reads = onlyReads, haveOccurred = () => true }: {
    reads?: StateReads;
    haveOccurred?: (untilMs: number) => boolean;
  } = {},
): Generator {
  const left = [...invocations];
  const generator: Generator = {
    next({ free }) {
      const invocation = left.shift();
      return invocation && { worker: free[0] as number, invocation };
    },
  };
  return withClientLoad(generator, load, reads, NODES, new Random("load"), haveOccurred);
}

Deno.test("clients send nothing while they are quiet, nor until late fault events have occurred", () => {
  let occurred = false;
  const generator = loaded({ quiet: { fromMs: 100, toMs: 300 } }, [WRITE, WRITE], {
    haveOccurred: () => occurred,
  });
  assertEquals(generator.next(context(1000, 0)), { worker: 0, invocation: WRITE });
  assertEquals(generator.next(context(1100, 0)), { pending: true, untilMs: 1300 });
  assertEquals(generator.next(context(1300, 0)), { pending: true, untilMs: 1310 });
  occurred = true;
  assertEquals(generator.next(context(1310, 0)), { worker: 0, invocation: WRITE });
  assertEquals(generator.next(context(1311, 0)), undefined);
});

Deno.test("the workers of readers read where the workload can, and rest otherwise", () => {
  const load = { readers: { nodes: ["n1"], untilMs: 500 } };
  const reading = loaded(load, [WRITE, WRITE, WRITE], {
    reads: { ...onlyReads, toRead: () => READ },
  });
  assertEquals(reading.next(context(0, 1)), { worker: 1, invocation: READ });
  assertEquals(reading.next(context(0, 2)), { worker: 2, invocation: WRITE });
  assertEquals(reading.next(context(500, 1)), { worker: 1, invocation: WRITE });

  const resting = loaded(load, [WRITE, WRITE]);
  assertEquals(resting.next(context(0, 1, 2, 3)), { worker: 2, invocation: WRITE });
  // Another worker becomes free, or, if all are, the time is over.
  assertEquals(resting.next(context(0, 1, 3)), { pending: true });
  const alone = loaded(load, [WRITE]);
  const all = { ...context(100, 1, 3), concurrency: 2 };
  assertEquals(alone.next({ ...all, nowMs: 0 }), { pending: true, untilMs: 500 });
  assertEquals(alone.next(all), { pending: true, untilMs: 500 });
});

Deno.test("reads that are left out are drawn again, a limited number of times", () => {
  const all = loaded({ skippedReads: 1 }, [READ, READ, WRITE, READ]);
  assertEquals(all.next(context(0, 0)), { worker: 0, invocation: WRITE });
  assertEquals(all.next(context(0, 0)), undefined);
  const none = loaded({ skippedReads: 1 }, Array.from({ length: 20 }, () => READ));
  assertEquals(none.next(context(0, 0)), { worker: 0, invocation: READ });
});

Deno.test("a pause for restarts makes a case longer by the pause, and later events later", () => {
  const event = (at: number) => ({ at, f: "start-loss", value: null, plan: null });
  for (let seed = 0; seed < 50; seed++) {
    const scenario = {
      schedule: Array.from({ length: 41 }, (_, number) => event(250 * number)),
      timeLimitSeconds: 10,
      clients: {},
    };
    const changed = withSettledRestarts(scenario, NODES, new Random(`pause ${seed}`));
    const { fromMs, toMs } = changed.clients.quiet as { fromMs: number; toMs: number };
    assertEquals(changed.timeLimitSeconds, 10 + (toMs - fromMs) / 1000);
    const times = changed.schedule.filter(({ f }) => f === "start-loss").map(({ at }) => at);
    assertEquals(
      times,
      scenario.schedule.map(({ at }) => at <= fromMs ? at : at + toMs - fromMs),
    );
  }
});
