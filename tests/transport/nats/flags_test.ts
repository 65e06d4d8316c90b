import { assertEquals, assertThrows } from "std/testing";
import { readTransportArguments } from "../../../lib/transport/nats/flags.ts";
import { parseServers } from "../../../lib/transport/nats/servers.ts";
import { UsageError } from "../../../lib/base/mod.ts";

const REQUIRED = ["--transport", "nats://h:1", "--node-id", "n0", "--nodes", "n0,n1"];

Deno.test("a node's own arguments are separated from those of its transport", () => {
  const { flags, nodeArgs } = readTransportArguments([
    ...["--strategy", "hub", ...REQUIRED, "--interval=5", "--controlled"],
    ...["--cluster=a", "x", "--outbox-drops", "newest"],
  ]);
  assertEquals(nodeArgs, ["--strategy", "hub", "--interval=5", "x"]);
  assertEquals([flags.transport, flags["node-id"], flags.nodes], ["nats://h:1", "n0", [
    "n0",
    "n1",
  ]]);
  assertEquals([flags.cluster, flags.controlled, flags["outbox-drops"]], ["a", true, "newest"]);
});

Deno.test("invalid arguments of the transport are named", () => {
  const problem = (args: string[], text: string) =>
    assertThrows(() => readTransportArguments(args), UsageError, text);
  problem(REQUIRED.slice(2), "a node on NATS needs --transport");
  problem(REQUIRED.slice(0, 4), "a node on NATS needs --nodes");
  problem([...REQUIRED, "--nodes", "n1,n2"], "--nodes must contain --node-id n0, got n1,n2");
  problem([...REQUIRED, "--nodes", "n0,n0"], "--nodes must be");
  problem([...REQUIRED, "--node-id", "c1"], "--node-id must be an id that is none of a client");
  problem([...REQUIRED, "--node-id", "lin-kv"], "--node-id must be");
  problem([...REQUIRED, "--cluster", "a.b"], "--cluster must be 1 to 64 letters");
  problem([...REQUIRED, "--outbox-messages", "0"], "--outbox-messages must be an integer from 1");
  problem([...REQUIRED, "--creds"], "--creds needs a value");
});

Deno.test("servers are parsed, with the name and password before a host", () => {
  assertEquals(parseServers("nats://a:1, nats://b"), {
    addresses: ["a:1", "b:4222"],
    usesTls: false,
  });
  assertEquals(parseServers("tls://u:p%40@[::1]:7"), {
    addresses: ["[::1]:7"],
    usesTls: true,
    user: "u",
    password: "p@",
  });
  for (
    const text of ["", "a:1", "http://a", "nats://", "nats://a/b", "nats://a:x", "nats://%zz@a"]
  ) {
    assertThrows(() => parseServers(text), UsageError, "invalid NATS server");
  }
});
