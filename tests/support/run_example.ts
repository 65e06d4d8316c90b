/**
 * Runs the examples in other languages with real processes.
 *
 * @module
 */

import { assert, assertEquals } from "std/testing";
import { runProcessTest } from "./run_process_test.ts";

/** Returns whether a program is in the PATH. */
export function isInstalled(program: string): boolean {
  const folders = (Deno.env.get("PATH") ?? "").split(Deno.build.os === "windows" ? ";" : ":");
  return folders.some((folder) => {
    try {
      return Deno.statSync(`${folder}/${program}`).isFile;
    } catch {
      return false;
    }
  });
}

/**
 * Defines a test that needs a program. Without the program it is ignored, and its name says why.
 */
export function testWith(program: string, name: string, fn: () => Promise<void>): void {
  const ignore = !isInstalled(program);
  Deno.test({ name: ignore ? `${name} (skipped: ${program} is not installed)` : name, ignore, fn });
}

/** Asserts that an echo program is valid. */
export async function assertEchoes(bin: string): Promise<void> {
  const { results } = await runProcessTest({ bin, options: { timeLimitSeconds: 1 } });
  assertEquals(results["valid?"], true);
}

/** n0 is partitioned from n1 and n2 for a second. */
const PARTITION = [
  {
    at: 300,
    f: "start-partition",
    value: "n0",
    plan: { n0: ["n1", "n2"], n1: ["n0"], n2: ["n0"] },
  },
  { at: 1300, f: "stop-partition", value: null, plan: null },
];

/** Asserts that a broadcast program loses no value although a partition loses messages. */
export async function assertBroadcastsUnderPartition(bin: string): Promise<void> {
  const { results, journal } = await runProcessTest({
    bin,
    nodeCount: 3,
    options: { workload: "broadcast", ratePerSecond: 30, nemesis: ["partition"] },
    schedule: PARTITION,
    quiescenceMs: 1000,
  });
  const received = new Set(journal.filter(({ type }) => type === "recv").map(({ id }) => id));
  const lost = journal.filter(({ type, id, message: { dest } }) =>
    type === "send" && /^n\d$/.test(dest) && !received.has(id)
  );
  assert(lost.length > 0, "the partition lost no message");
  assertEquals(results["valid?"], true, JSON.stringify(results["workload"]));
}
