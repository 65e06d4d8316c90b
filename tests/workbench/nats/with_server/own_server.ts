/**
 * The engine nats starts a server and nodes of its own, and leaves nothing behind. The first argument
 * is a folder for its files.
 *
 * @module
 */

import { assert, assertEquals, assertRejects, assertThrows } from "std/testing";
import { StartError } from "../../../../lib/workbench/engine.ts";
import { NatsEngine } from "../../../../lib/workbench/nats/nats_engine.ts";

const folder = Deno.args[0] as string;
// In place of Deno: logs its arguments and its credentials.
const deno = `${folder}/deno.sh`;
Object.defineProperty(Deno, "execPath", { value: () => deno });
const bin = `${folder}/node.ts`;
await Deno.writeTextFile(bin, "", { mode: 0o644 });
await Deno.writeTextFile(
  deno,
  '#!/bin/sh\nfor word in "$@"; do echo "$word" >&2; done\necho on stdout\n' +
    'while [ "$1" != --creds ]; do shift; done\ncat "$2" >&2; echo >&2; echo end >&2; exec sleep 1000\n',
  { mode: 0o755 },
);
const program = { bin, args: ["--a", "b"] };
const makeEngine = (server?: { url: string; credentials?: string }) =>
  new NatsEngine({
    nodes: ["n0", "n1"],
    program,
    cluster: "own",
    disks: () => `${folder}/disks`,
    server,
  });

const engine = makeEngine();
assertEquals(engine.missingFaults.includes("loss"), true);
assertEquals(engine.missingFaults.includes("kill"), false);
let url = "";
await engine.run(async () => {
  for (const id of ["n0", "n1"]) {
    const log: string[] = [];
    const { promise: logged, resolve } = Promise.withResolvers<void>();
    const node = engine.start(id, {
      sent: ({ src }) => assert(false, `${src} sends over NATS, not to its stdout`),
      malformedOutput: (line) => assert(false, line),
      logged(line) {
        log.push(line);
        if (log.includes("end") && log.includes("on stdout")) resolve();
      },
    });
    await logged;
    const words = log.filter((line) => line !== "on stdout");
    const last = words.indexOf("--creds");
    url = words[words.indexOf("--transport") + 1] ?? "";
    const { host } = new URL(url);
    assertEquals(words.slice(0, last), [
      ...["run", `--allow-net=${host}`, `--allow-read=${words[last + 1]}`, bin],
      ...["--a", "b", "--transport", url],
      ...["--cluster", "own", "--controlled", "--node-id", id, "--nodes", "n0,n1"],
      ...["--max-message-bytes", "8388608"],
    ]);
    assert(/^SU[A-Z2-7]{56}$/.test(words[last + 2] ?? ""), log.join("\n"));
    // An error of a socket that the client of NATS has abandoned does not end the run.
    const error = { code: "ECONNRESET" };
    globalThis.dispatchEvent(new ErrorEvent("error", { error, cancelable: true }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    assertEquals(node.exit, undefined);
    await node.kill();
    assertEquals(node.exit?.signal, "SIGKILL");
  }
});
assert(/^nats:\/\/127\.0\.0\.1:\d+$/.test(url), url);
const names = [...Deno.readDirSync(folder)].map(({ name }) => name);
assertEquals(names.sort(), ["deno.sh", "node.ts"]);

// The server has ended: another run with it cannot begin.
const port = Number(new URL(url).port);
await assertRejects(() => Deno.connect({ hostname: "127.0.0.1", port }), Error);

// A program that cannot be run is rejected before a run, credentials that cannot be read at its start.
assertThrows(
  () =>
    new NatsEngine({
      nodes: ["n0"],
      program: { bin: `${folder}/no_such`, args: [] },
      cluster: "own",
      server: undefined,
    }),
  StartError,
  "no such file",
);
const unreadable = makeEngine({ url, credentials: `${folder}/no_such` });
await assertRejects(() => unreadable.run(() => Promise.resolve()), Error, "no_such");
