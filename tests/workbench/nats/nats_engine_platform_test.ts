import { assertThrows } from "std/testing";
import { StartError } from "../../../lib/workbench/engine.ts";
import { NatsEngine } from "../../../lib/workbench/nats/nats_engine.ts";
import { withProperty } from "../../support/with_property.ts";

Deno.test("the engine nats is rejected on Windows when it is made", async () => {
  const options = { nodes: ["n0"], program: undefined, cluster: "own", server: undefined };
  await withProperty(Deno, "build", { ...Deno.build, os: "windows" }, () => {
    assertThrows(() => new NatsEngine(options), StartError, "--engine sim");
  });
});
