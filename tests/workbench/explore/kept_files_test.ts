import { assertEquals, assertRejects } from "std/testing";
import { isJsonObject } from "../../../lib/base/mod.ts";
import type { RawMessage } from "../../../lib/wire/mod.ts";
import { keepsFiles } from "../../../lib/workbench/explore/kept_files.ts";
import { createGuestProgram } from "../../../lib/workbench/sim/guest_program.ts";
import type { GuestNode } from "../../../lib/workbench/sim/guest.ts";
import { type Workload, workloads } from "../../../lib/workload/mod.ts";

/** Creates a file in the node's folder. */
function createFile(node: GuestNode): void {
  node.openFolder().open("storage/log", {
    isReadable: true,
    isWritable: true,
    appends: false,
    creates: true,
    isExclusive: false,
    truncates: false,
    isDirectory: false,
  });
}

/** Returns a program that runs a function for each message, and then replies to it. */
function replying(onMessage: (node: GuestNode, type: unknown) => boolean | void) {
  return createGuestProgram("node.wasm", () => (node) => ({
    receive({ src, dest, body }: RawMessage) {
      if (!isJsonObject(body) || onMessage(node, body.type) === false) return;
      const { msg_id: in_reply_to = null, ...rest } = body;
      node.transmit({
        src: dest,
        dest: src,
        body: { ...rest, type: `${body.type}_ok`, in_reply_to },
      });
    },
  }));
}

const setup = { args: [], workload: workloads.echo, fixedOptions: {} };

Deno.test("a program that creates a file keeps files, at its start or for a request", async () => {
  const onRequest = (wanted: string) =>
    replying((node, type) => {
      if (type === wanted) createFile(node);
    });
  assertEquals(await keepsFiles(onRequest("init"), setup), true);
  assertEquals(await keepsFiles(onRequest("echo"), setup), true);
  assertEquals(await keepsFiles(replying(() => {}), setup), false);
});

Deno.test("a program that does not start is not tried further, and may keep files", async () => {
  const silent = (isKeeping: boolean) =>
    replying((node) => {
      if (isKeeping) createFile(node);
      return false;
    });
  assertEquals(await keepsFiles(silent(true), setup), true);
  assertEquals(await keepsFiles(silent(false), setup), false);
});

Deno.test("an error of the workload is thrown", async () => {
  const workload: Workload = {
    ...workloads.echo,
    generator() {
      throw new RangeError("planted");
    },
  };
  await assertRejects(
    () => keepsFiles(replying(() => {}), { ...setup, workload }),
    RangeError,
    "planted",
  );
});

Deno.test("the trial has the options of the exploration, and is short", async () => {
  const nodes = new Set<string>();
  let requests = 0;
  const program = replying((node, type) => {
    nodes.add(node.id);
    if (type === "echo") requests++;
  });
  const fixedOptions = { nodes: ["n0", "n1", "n2", "n3"] };
  await keepsFiles(program, { ...setup, fixedOptions });
  assertEquals([...nodes].sort(), fixedOptions.nodes);
  assertEquals(requests > 5 && requests < 50, true, `${requests} requests`);
});
