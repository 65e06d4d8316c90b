/**
 * Sends malformed and oversized messages to each subject of a fleet's job, as an intruder with access
 * to the server could.
 *
 *     deno run --allow-net=127.0.0.1 … fleet_intruder.ts URL
 *
 * Waits for a job, sends the messages, and prints how many the job's stream has stored.
 *
 * @module
 */

import { jetstream } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import {
  claimKey,
  CLAIMS_BUCKET,
  decodeSpec,
  encodeMessage,
  encodeSpec,
  JOBS_BUCKET,
  type JobSpec,
  MAX_RESULT_BYTES,
  namesOf,
} from "../../../tasks/fleet/job.ts";

const [url = ""] = Deno.args;
const connection = await connect({ servers: url.replace("nats://", "") });
// The machine that runs the tests may be busy.
const js = jetstream(connection, { timeout: 30_000 });
const kvm = new Kvm(js);
const jobs = await kvm.create(JOBS_BUCKET);

async function waitForJob(): Promise<{ readonly job: string; readonly spec: JobSpec }> {
  for await (const { key, value, operation } of await jobs.watch()) {
    if (operation === "PUT") return { job: key, spec: decodeSpec(value) };
  }
  throw new Error("the watch ended");
}

const { job, spec } = await waitForJob();
const { work, out } = namesOf(job);
const result = { kind: "result", worker: "intruder", range: 0, reports: [] } as const;
const bomb = new TextEncoder().encode("[".repeat(300_000));
const toStarter = [
  "not JSON",
  "[]",
  "null",
  '{"kind":"dance"}',
  '{"kind":"result","worker":"intruder","range":0,"reports":[{"seed":0}]}',
  encodeMessage(result),
  encodeMessage({ ...result, range: 1e9 }),
  bomb,
  new Uint8Array(MAX_RESULT_BYTES + 1).fill(32),
  new Uint8Array([0x1f, 0x8b, 1, 2, 3]),
];
const toWorkers = ["not JSON", '{"range":-1}', '{"range":1000000}', " ".repeat(10_000)];
for (const message of toStarter) await js.publish(out, message);
for (const message of toWorkers) await js.publish(work, message);
const setup = (bin: string) => encodeSpec({ ...spec, setup: { ...spec.setup, bin } });
await jobs.put("junk", "not JSON");
await jobs.put("outside", setup("../other/echo.ts"));
await jobs.put("absolute", setup("/etc/passwd"));
await jobs.put("remote", setup("https://example.org/echo.ts"));
await jobs.put("large", " ".repeat(100_000));
await jobs.put("below_file", setup("deno.json/echo.ts"));
await jobs.put("long_name", setup(`${"x".repeat(1000)}.ts`));
const claims = await kvm.create(CLAIMS_BUCKET);
await claims.put(
  claimKey(spec, ["workload: lost"]),
  '{"job":"x","range":0,"seed":1,"runs":1,"case":{}}',
);
await Deno.stdout.write(new TextEncoder().encode(`${toStarter.length} ${toWorkers.length}\n`));
await connection.close();
