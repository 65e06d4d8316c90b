import { assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import type { KV } from "@nats-io/kv";
import { Claims } from "../../../tasks/fleet/claims.ts";
import { type JobSpec, MalformedError, MAX_RESULT_BYTES } from "../../../tasks/fleet/job.ts";
import { caseOf, SETUP } from "../explore/reports.ts";

const SPEC: JobSpec = {
  revision: { commit: "c0ffee", code: "1234", deno: "2.9.6" },
  setup: SETUP,
  from: 0,
  step: 1,
  count: 10,
  rangeSeeds: 4,
  shrinkRuns: 3,
};
const FAILURE = ["workload: lost"];

Deno.test("a case that no reader would accept is not written to the server", async () => {
  const written: Uint8Array[] = [];
  const bucket = {
    update(_key: string, value: Uint8Array): Promise<number> {
      written.push(value);
      return Promise.resolve(2);
    },
  };
  const claims = new Claims(bucket as unknown as KV, "job", SPEC);
  const store = (argument: string) => {
    const file = caseOf(1, FAILURE);
    const shrunk = { ...file, case: { ...file.case, args: [argument] } };
    return claims.store(FAILURE, 0, 1, { seed: 1, runs: 3, shrunk });
  };
  assertEquals([await store("small"), written.length], [true, 1]);
  const { message } = await assertRejects(
    () => store("x".repeat(MAX_RESULT_BYTES)),
    MalformedError,
  );
  assertStringIncludes(message, `bytes, expected at most ${MAX_RESULT_BYTES}`);
  assertEquals(written.length, 1);
});
