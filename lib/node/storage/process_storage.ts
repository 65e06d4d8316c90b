/**
 * The storage of a node that is a process: the folder `storage` in its working directory.
 *
 * A folder that exists is the user's consent to keep data there. The process engine makes one for
 * each node. Without it, as in the real Maelstrom, or without the permission to use it, a node keeps
 * its data in memory and logs that. So a node never recovers the data of another run, unless its
 * user starts it in the folder of that run.
 *
 * The module is loaded for nodes that persist only.
 *
 * @module
 */

import type { Host } from "../host.ts";
import type { Disk } from "./disk.ts";
import { FileDisk } from "./file_disk.ts";
import { LogStorage } from "./log_storage.ts";
import type { Storage } from "./storage.ts";

/** The folder, relative to the working directory. Shebangs of nodes that persist name it, too. */
const FOLDER = "storage";

/** Opens the storage of the node with this id. */
export function openProcessStorage(
  id: string,
  host: Pick<Host, "log" | "sometimes" | "fail">,
): Storage {
  return new LogStorage(processDisk(id, (line) => host.log(line)), host);
}

/** Returns a disk that decides, when its node reads it, whether it is a file or in memory. */
function processDisk(id: string, log: (line: string) => void): Disk {
  const file = new FileDisk(FOLDER, id);
  let disk: Disk = file;
  return {
    name: file.name,
    async read() {
      const problem = await folderProblem();
      if (problem !== undefined) {
        log(`node.storage is in memory only, and is lost when the node ends: ${problem}`);
        disk = memoryDisk;
        return disk.read();
      }
      const bytes = await file.read();
      log(`node.storage is ${file.name}: ${bytes.length} bytes found`);
      return bytes;
    },
    write: (bytes) => disk.write(bytes),
    sync: () => disk.sync(),
    truncate: (length) => disk.truncate(length),
    replace: (bytes) => disk.replace(bytes),
  };
}

/** Explains why the node cannot use the folder; undefined if it can. */
async function folderProblem(): Promise<string | undefined> {
  for (const name of ["read", "write"] as const) {
    const { state } = await Deno.permissions.query({ name, path: FOLDER });
    if (state !== "granted") {
      return `to use the folder ${FOLDER}, the node needs --allow-read=${FOLDER} --allow-write=${FOLDER}`;
    }
  }
  try {
    if ((await Deno.stat(FOLDER)).isDirectory) return undefined;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return `its working directory has no folder named ${FOLDER}; create one to keep the data`;
}

/** Keeps nothing, because a node reads its disk only once, when it starts. */
const memoryDisk: Disk = {
  name: "memory",
  read: () => Promise.resolve(new Uint8Array(0)),
  write() {},
  sync: () => Promise.resolve(),
  truncate: () => Promise.resolve(),
  replace: () => Promise.resolve(),
};
