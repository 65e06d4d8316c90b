/**
 * A client that uses the gateway, whose address is the second argument.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { Client, until } from "./cluster.ts";

const gateway = Deno.args[1] as string;
const client = await Client.open();
await until(() => client.status("n0").then(() => true, () => false));

async function post(path: string, body: string, headers: Record<string, string> = {}) {
  const response = await fetch(`${gateway}${path}`, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", ...headers },
  });
  return [response.status, await response.json()];
}

assertEquals(await post("n0", '{"type":"echo","echo":[1,"é"]}'), [200, {
  type: "echo_ok",
  echo: [1, "é"],
}]);
assertEquals((await post("", '{"type":"echo","echo":1}'))[0], 200);
assertEquals((await post("n0", '{"type":"read"}'))[0], 501);
assertEquals((await post("n0", '{"type":"echo"}'))[0], 400);
assertEquals((await post("n0", "{"))[0], 400);
assertEquals((await post("n9", '{"type":"echo","echo":1}'))[0], 503);
assertEquals((await post("n0", " ".repeat(2 ** 20 + 1)))[0], 413);
assertEquals((await post("n0", "{}", { "content-type": "text/plain" }))[0], 415);
await client.connection.close();
