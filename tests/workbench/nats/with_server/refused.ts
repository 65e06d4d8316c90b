/**
 * The engine nats reports a server that refuses its credentials, before the test begins.
 *
 * @module
 */

import { assertRejects } from "std/testing";
import { StartError } from "../../../../lib/workbench/engine.ts";
import { NatsEngine } from "../../../../lib/workbench/nats/nats_engine.ts";

const url = Deno.args[0] as string;
const engine = new NatsEngine({
  nodes: ["n0"],
  program: undefined,
  cluster: "far",
  server: { url },
});
const run = () => engine.run(() => Promise.reject(new Error("the test began")));
await assertRejects(run, StartError, "refused the credentials");
