/**
 * Deletes idle jobs from a server that also has other streams, and prints what was deleted.
 *
 *     deno run --allow-net=127.0.0.1 … fleet_idle.ts URL
 *
 * @module
 */

import { jetstreamManager } from "@nats-io/jetstream";
import { Kvm } from "@nats-io/kv";
import { connect } from "@nats-io/transport-node";
import { JOBS_BUCKET, namesOf } from "../../../tasks/fleet/job.ts";
import { deleteIdleJobs } from "../../../tasks/fleet/read_stream.ts";

const HOUR_MS = 3_600_000;
const [url = ""] = Deno.args;
const connection = await connect({ servers: url.replace("nats://", "") });
const jsm = await jetstreamManager(connection, { timeout: 30_000 });
const jobs = await new Kvm(connection).create(JOBS_BUCKET);
const { stream, work } = namesOf("abandoned");
await jsm.streams.add({ name: stream, subjects: [work] });
await jsm.streams.add({ name: "orders", subjects: ["orders"] });
await jobs.put("abandoned", "{}");
const young = await deleteIdleJobs(jsm, jobs, HOUR_MS);
// Before that time, the stream was not there: it is as old as any.
const old = await deleteIdleJobs(jsm, jobs, -HOUR_MS);
const streams = [];
for await (const name of jsm.streams.names()) streams.push(name);
const operation = (await jobs.get("abandoned"))?.operation;
const result = { young, old, streams: streams.sort(), operation };
await Deno.stdout.write(new TextEncoder().encode(JSON.stringify(result)));
await connection.close();
