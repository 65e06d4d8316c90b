/**
 * A node whose replies take a while.
 *
 * @module
 */

import { serve } from "../../../../lib/node/mod.ts";

await serve((node) => {
  node.on("read", async () => {
    await node.sleep(300);
    return { type: "read_ok", value: [...node.nodes] };
  });
});
