/**
 * Waits until nodes n0, n1 and n2 of clusters run: the arguments after the server's address.
 *
 * @module
 */

import { Subjects } from "../../../../lib/transport/nats/subjects.ts";
import { Client, until } from "./cluster.ts";

const { connection } = await Client.open();
for (const cluster of Deno.args.slice(1)) {
  for (const id of ["n0", "n1", "n2"]) {
    const subject = new Subjects(cluster).control(id);
    await until(() => connection.request(subject, "{}").then(() => true, () => false));
  }
}
await connection.close();
