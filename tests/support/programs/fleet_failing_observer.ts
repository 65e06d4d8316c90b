/**
 * Runs a job of a fleet whose observer throws, and prints the error with which the job ends.
 *
 *     deno run --allow-net=127.0.0.1 … fleet_failing_observer.ts URL
 *
 * @module
 */

import { jetstream } from "@nats-io/jetstream";
import { connect } from "@nats-io/transport-node";
import { encodeMessage, type JobSpec, namesOf } from "../../../tasks/fleet/job.ts";
import { FleetJob } from "../../../tasks/fleet/starter.ts";
import { reportOf, SETUP } from "../../tasks/explore/reports.ts";

const [url = ""] = Deno.args;
const connection = await connect({ servers: url.replace("nats://", "") });
const spec: JobSpec = {
  revision: { commit: "c0ffee", code: "1234", deno: Deno.version.deno },
  setup: SETUP,
  from: 0,
  step: 1,
  count: 1,
  rangeSeeds: 1,
  shrinkRuns: 0,
};
const observer = {
  onEvent() {},
  onResult() {
    throw new Error("the observer failed");
  },
};
const job = await FleetJob.start(connection, spec, observer, new AbortController().signal);
let end: string | undefined;
job.run(() => false).then(() => end = "it ended", (error: Error) => end = error.message);
const result = { kind: "result", worker: "w", range: 0, reports: [reportOf(0)] } as const;
while (end === undefined) {
  // A result that arrives before its range is planned does not count.
  await jetstream(connection).publish(namesOf(job.id).out, encodeMessage(result));
  await new Promise((resolve) => setTimeout(resolve, 100));
}
await Deno.stdout.write(new TextEncoder().encode(end));
await connection.close();
