import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { FileDisk } from "../../../lib/node/storage/file_disk.ts";
import {
  CorruptStorageError,
  HEADER_BYTES,
  LogStorage,
  MAGIC,
  TORN_RECORD_CUT,
} from "../../../lib/node/storage/mod.ts";

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

/** Runs a test with a folder that it may fill. */
function withFolder(test: (folder: string) => Promise<void>) {
  return async () => {
    const folder = await Deno.makeTempDir();
    try {
      await test(folder);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  };
}

/** Opens a disk and recovers it. */
async function open(folder: string, id = "n0") {
  const disk = new FileDisk(folder, id);
  const marks: string[] = [];
  const storage = new LogStorage(disk, {
    sometimes: (mark) => marks.push(mark),
    fail(error) {
      throw error;
    },
  });
  try {
    const recovered = await storage.recover();
    return { storage, recovered, marks, close: () => disk[Symbol.dispose]() };
  } catch (error) {
    disk[Symbol.dispose]();
    throw error;
  }
}

/** Returns what a node recovers from a folder. */
async function contentsOf(folder: string) {
  const { recovered, close } = await open(folder);
  close();
  return recovered;
}

Deno.test(
  "records and snapshots are recovered from a file",
  withFolder(async (folder) => {
    const first = await open(folder);
    deepEqual(first.recovered, { snapshot: undefined, records: [] });
    first.storage.append(bytes(1));
    first.storage.append(bytes(2, 2));
    await first.storage.sync();
    first.close();
    const second = await open(folder);
    deepEqual(second.recovered, { snapshot: undefined, records: [bytes(1), bytes(2, 2)] });
    const replaced = second.storage.replace(bytes(9), [bytes(3)]);
    second.storage.append(bytes(4));
    await replaced;
    await second.storage.sync();
    second.storage.append(bytes(5));
    await second.storage.sync();
    second.close();
    deepEqual(await contentsOf(folder), {
      snapshot: bytes(9),
      records: [bytes(3), bytes(4), bytes(5)],
    });
  }),
);

Deno.test(
  "a torn end of a file is cut",
  withFolder(async (folder) => {
    const first = await open(folder);
    first.storage.append(bytes(1));
    first.storage.append(bytes(2, 2, 2));
    await first.storage.sync();
    first.close();
    await Deno.truncate(`${folder}/n0.log`, MAGIC.length + 2 * HEADER_BYTES + 2);
    const second = await open(folder);
    deepEqual(second.recovered.records, [bytes(1)]);
    deepEqual(second.marks, [TORN_RECORD_CUT]);
    second.storage.append(bytes(4));
    await second.storage.sync();
    second.close();
    deepEqual((await contentsOf(folder)).records, [bytes(1), bytes(4)]);
  }),
);

Deno.test(
  "a damaged record in a file is refused with its file and offset",
  withFolder(async (folder) => {
    const first = await open(folder);
    first.storage.append(bytes(1));
    first.storage.append(bytes(2));
    await first.storage.sync();
    first.close();
    const path = `${folder}/n0.log`;
    const content = await Deno.readFile(path);
    const offset = MAGIC.length + HEADER_BYTES;
    content[offset] = content[offset] as number ^ 1;
    await Deno.writeFile(path, content);
    await rejects(() => open(folder), (error: Error) => {
      equal(error.name, CorruptStorageError.name);
      equal(error.message.startsWith(`${path} is damaged at byte ${MAGIC.length}: record 1`), true);
      return true;
    });
  }),
);

Deno.test(
  "a replacement that did not reach its rename has no effect",
  withFolder(async (folder) => {
    const first = await open(folder);
    first.storage.append(bytes(1));
    await first.storage.sync();
    first.close();
    await Deno.writeFile(`${folder}/n0.log.new`, bytes(1, 2, 3));
    const second = await open(folder);
    deepEqual(second.recovered.records, [bytes(1)]);
    await second.storage.replace(bytes(7));
    second.close();
    deepEqual(await contentsOf(folder), { snapshot: bytes(7), records: [] });
  }),
);

Deno.test(
  "a disk has one process, and each node its own file",
  withFolder(async (folder) => {
    const first = await open(folder);
    await rejects(
      () => open(folder),
      /n0\.log is in use: another process has locked .*n0\.log\.lock/,
    );
    const other = await open(folder, "a/../b");
    other.close();
    first.close();
    const files = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
    deepEqual(files, ["a%2F..%2Fb.log", "a%2F..%2Fb.log.lock", "n0.log", "n0.log.lock"]);
    const again = await open(folder);
    again.close();
  }),
);

Deno.test(
  "a failed write ends the node with the name of the file",
  withFolder(async (folder) => {
    using disk = new FileDisk(folder, "n0");
    const errors: unknown[] = [];
    const storage = new LogStorage(disk, {
      sometimes() {},
      fail: (error) => errors.push(error),
    });
    await storage.recover();
    disk[Symbol.dispose]();
    storage.append(bytes(1));
    storage.sync();
    await new Promise((resolve) => setTimeout(resolve, 10));
    match(String(errors[0]), /n0\.log/);
  }),
);
