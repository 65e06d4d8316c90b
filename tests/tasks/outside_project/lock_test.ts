import { simulate } from "@gossip/workbench/testing";
import lock from "./lock.ts";
import { lockWorkload } from "./lock_workload.ts";

const options = { nodes: 3, ratePerSecond: 50, timeLimitSeconds: 5, seed: 1 };

Deno.test("one client holds the lock at a time under partitions", async () => {
  const run = await simulate(lock, lockWorkload, { ...options, faults: ["partition"] });
  run.expectValid();
});

Deno.test("a lock that expires is held twice", async () => {
  const run = await simulate(lock, lockWorkload, { ...options, args: ["--lease", "10"] });
  if (run.verdict["valid?"] !== false) throw new Error("the checker found no violation");
});
