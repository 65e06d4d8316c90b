/**
 * `deno task bench:storage`: the throughput of a node's disk, beside a bare loop of fsync calls on the
 * same file system in the same run.
 *
 * Many writers append a record each, wait until it is durable, and append the next. Their calls share
 * fsyncs. The bare loop writes as many bytes as the records of one such batch have, and calls fsync.
 *
 * @module
 */

import { flag } from "../lib/base/mod.ts";
import { FileDisk } from "../lib/node/storage/file_disk.ts";
import { type Disk, LogStorage } from "../lib/node/storage/mod.ts";
import { runBenchmark } from "./bench/run_benchmark.ts";
import { print } from "./cli/console.ts";

const USAGE = `deno task bench:storage [flags]

Measures node.storage beside a bare loop of writes and fsyncs, on the file
system of the working directory. Flags (defaults in brackets):
`;

/** The flags of the benchmark. */
export const benchFlags = {
  "record-bytes": flag.number({
    placeholder: "N",
    help: "bytes of a record",
    default: 100,
    min: 1,
    integer: true,
  }),
  help: flag.help,
} as const;

const WRITERS = [1, 16, 256, 1024] as const;
/** Storage and bare loop take turns, so that other load on the machine meets both. */
const ROUNDS = 4;
const ROUND_MS = 500;
const SECOND_MS = 1000;

/** What happened in a time. */
interface Count {
  writes: number;
  fsyncs: number;
  seconds: number;
}

/** A disk that counts its fsyncs. */
function counting(disk: Disk, count: Count): Disk {
  return {
    name: disk.name,
    read: () => disk.read(),
    write: (bytes) => disk.write(bytes),
    sync() {
      count.fsyncs++;
      return disk.sync();
    },
    truncate: (length) => disk.truncate(length),
    replace: (bytes) => disk.replace(bytes),
  };
}

/** Lets writers append a record and wait for it, again and again, for the length of a round. */
async function runStorage(
  storage: LogStorage,
  writers: number,
  record: Uint8Array,
  count: Count,
): Promise<void> {
  const beginMs = performance.now();
  const write = async () => {
    while (performance.now() < beginMs + ROUND_MS) {
      storage.append(record);
      await storage.sync();
      count.writes++;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  count.seconds += (performance.now() - beginMs) / SECOND_MS;
}

/** Writes blocks, and makes each durable, for the length of a round. */
async function runBareLoop(file: Deno.FsFile, bytes: number, count: Count): Promise<void> {
  const block = new Uint8Array(bytes);
  const beginMs = performance.now();
  while (performance.now() < beginMs + ROUND_MS) {
    file.writeSync(block);
    await file.syncData();
    count.fsyncs++;
  }
  count.seconds += (performance.now() - beginMs) / SECOND_MS;
}

async function measure(folder: string, writers: number, recordBytes: number): Promise<void> {
  using disk = new FileDisk(folder, `storage-${writers}`);
  using file = await Deno.open(`${folder}/bare-${writers}`, { create: true, append: true });
  const stored: Count = { writes: 0, fsyncs: 0, seconds: 0 };
  const bare: Count = { writes: 0, fsyncs: 0, seconds: 0 };
  const storage = new LogStorage(counting(disk, stored), {
    sometimes() {},
    fail(error) {
      throw error;
    },
  });
  await storage.recover();
  for (let round = 0; round < ROUNDS; round++) {
    await runStorage(storage, writers, new Uint8Array(recordBytes), stored);
    const blockBytes = Math.round(stored.writes / stored.fsyncs) * recordBytes;
    await runBareLoop(file, blockBytes, bare);
  }
  const rate = (count: number, { seconds }: Count) => count / seconds;
  const cells = [
    writers.toString().padStart(7),
    round(rate(stored.writes, stored)).padStart(10),
    round(rate(stored.fsyncs, stored)).padStart(10),
    round(rate(bare.fsyncs, bare)).padStart(15),
    (rate(stored.fsyncs, stored) / rate(bare.fsyncs, bare)).toFixed(2).padStart(7),
    round(stored.writes / stored.fsyncs).padStart(17),
  ];
  print(cells.join(" "));
}

const round = (value: number) => Math.round(value).toLocaleString("en");

async function run(recordBytes: number): Promise<void> {
  const folder = await Deno.makeTempDir({ dir: ".", prefix: "bench-storage-" });
  try {
    print(`${recordBytes} bytes a record; each writer waits until its record is durable`);
    print("writers   writes/s   fsyncs/s   bare fsyncs/s   ratio   records a fsync");
    for (const writers of WRITERS) await measure(folder, writers, recordBytes);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) {
  Deno.exit(await runBenchmark(USAGE, benchFlags, (flags) => run(flags["record-bytes"])));
}
