/**
 * A node that is asked to end replies to the request that it handles, and then takes no more.
 *
 * The test ends the node when this program writes a line.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { Client, until } from "./cluster.ts";

const client = await Client.open();
const isUp = () => client.status("n0").then(() => true, () => false);
await until(isUp);
const reply = client.call("n0", { type: "read" });
await until(async () => (await client.status("n0")).counts.requests === 1);
await Deno.stdout.write(new TextEncoder().encode("sent\n"));
assertEquals(await reply, { type: "read_ok", value: ["n0", "n1"] });
await until(async () => !await isUp());
await client.connection.close();
