import { assertEquals, assertThrows } from "std/testing";
import type { OpenFiles } from "../../../../lib/workbench/sim/files/open_files.ts";
import type { GuestNode } from "../../../../lib/workbench/sim/guest.ts";
import { CallLog } from "../../../../lib/workbench/sim/wasm/call_log.ts";
import { fileSystemOf } from "../../../../lib/workbench/sim/wasm/go_files.ts";

/** The `fs` of a node whose log is recorded. Calls back immediately. */
function makeFileSystem() {
  const log: string[] = [];
  const node = { log: (line: string) => void log.push(line) } as unknown as GuestNode;
  const fs = fileSystemOf({
    files: {} as unknown as OpenFiles,
    calls: new CallLog(node),
    read: () => {},
    write: () => {},
    soon: (callBack) => callBack(),
    sync: (_descriptor, callBack) => callBack(),
  }) as Readonly<Record<string, (...args: unknown[]) => unknown>>;
  return { fs, log };
}

Deno.test("a call of fs that a simulated node lacks fails with ENOSYS, and is named once", () => {
  const { fs, log } = makeFileSystem();
  const errors: unknown[] = [];
  for (const [name, ...args] of [["symlink", "a", "b"], ["symlink", "a", "c"], ["futimes", 7, 1]]) {
    fs[name as string]?.(...args, (error: { code: string; message: string }) => {
      errors.push([error.code, error.message]);
    });
  }
  const symlink = ["ENOSYS", 'fs.symlink("a") is not available in a simulated node'];
  assertEquals(errors, [
    symlink,
    symlink,
    ["ENOSYS", "fs.futimes(7) is not available in a simulated node"],
  ]);
  assertEquals(log, [
    'the program called fs.symlink("a"), which a simulated node does not have: ENOSYS',
    "the program called fs.futimes(7), which a simulated node does not have: ENOSYS",
  ]);
});

Deno.test("a call of fs without a callback that a simulated node lacks throws", () => {
  const { fs } = makeFileSystem();
  const call = fs["symlinkSync"] as (...args: unknown[]) => unknown;
  assertThrows(() => call("a", "b"), Error, 'fs.symlinkSync("a") is not available');
});
