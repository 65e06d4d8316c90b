import { deepEqual, equal, match, rejects, throws } from "node:assert/strict";
import {
  CorruptStorageError,
  type Node,
  type NodeProgram,
  type Recovered,
  withFlags,
} from "../../../lib/node/mod.ts";
import { HEADER_BYTES, MAGIC, TORN_RECORD_CUT } from "../../../lib/node/storage/mod.ts";
import { FakeDisk, FakeNode } from "../../../lib/testing/mod.ts";

const bytes = (...values: readonly number[]) => Uint8Array.from(values);

/** Runs `program` when the node has recovered, and returns what it recovered. */
async function start(disk = new FakeDisk()) {
  let recovered: Recovered | undefined;
  const program: NodeProgram = withFlags({ flags: {}, persists: true }, async (node: Node) => {
    recovered = await node.storage.recover();
  });
  const fake = await FakeNode.start(program, { disk });
  return { disk, fake, storage: fake.node.storage, host: fake.host, recovered };
}

/** Returns what a node recovers from a disk. */
async function contentsOf(disk: FakeDisk) {
  return (await start(disk)).recovered;
}

/** Returns a promise's state after all promises have settled. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(() => settled = true);
  await new Promise((resolve) => setTimeout(resolve));
  return settled;
}

Deno.test("a new disk has no snapshot and no records", async () => {
  deepEqual((await start()).recovered, { snapshot: undefined, records: [] });
});

Deno.test("synced records survive a loss of power, in order", async () => {
  const { disk, storage } = await start();
  for (let value = 0; value < 10; value++) storage.append(bytes(value, value));
  await storage.sync();
  storage.append(bytes(99));
  disk.crash();
  const records = Array.from({ length: 10 }, (_, value) => bytes(value, value));
  deepEqual(await contentsOf(disk), { snapshot: undefined, records });
});

Deno.test("a record is copied when it is appended", async () => {
  const { disk, storage } = await start();
  const record = bytes(1);
  storage.append(record);
  record[0] = 2;
  await storage.sync();
  deepEqual((await contentsOf(disk))?.records, [bytes(1)]);
});

Deno.test("a record that is not synced survives the end of the process only", async () => {
  const { disk, storage } = await start();
  storage.append(bytes(1));
  await storage.sync();
  storage.append(bytes(2));
  await Promise.resolve();
  equal(disk.bytes.length - disk.durableBytes, HEADER_BYTES + 1);
  const { recovered } = await start(disk);
  deepEqual(recovered?.records, [bytes(1), bytes(2)]);
});

Deno.test("a record that the earlier incarnation did not sync is durable after a sync", async () => {
  const { disk, storage } = await start();
  storage.append(bytes(1));
  await Promise.resolve();
  equal(disk.durableBytes, 0);
  const restarted = await start(disk);
  deepEqual(restarted.recovered?.records, [bytes(1)]);
  await restarted.storage.sync();
  disk.crash();
  deepEqual((await contentsOf(disk))?.records, [bytes(1)]);
});

Deno.test("a torn record is cut, and later records follow the complete ones", async () => {
  const record = bytes(5, 6, 7, 8);
  for (let surviving = 0; surviving < HEADER_BYTES + record.length; surviving++) {
    const { disk, storage } = await start();
    storage.append(bytes(1));
    await storage.sync();
    storage.append(record);
    await Promise.resolve();
    disk.crash({ survivingBytes: surviving });
    const second = await start(disk);
    deepEqual(second.recovered?.records, [bytes(1)], `${surviving} bytes survive`);
    deepEqual([...second.host.reached], surviving === 0 ? [] : [TORN_RECORD_CUT]);
    second.storage.append(bytes(2));
    await second.storage.sync();
    deepEqual((await contentsOf(disk))?.records, [bytes(1), bytes(2)]);
  }
});

Deno.test("a torn first line is cut", async () => {
  for (let surviving = 0; surviving <= MAGIC.length; surviving++) {
    const { disk, storage } = await start();
    storage.append(bytes(1));
    await Promise.resolve();
    disk.crash({ survivingBytes: surviving });
    const second = await start(disk);
    deepEqual(second.recovered, { snapshot: undefined, records: [] });
    second.storage.append(bytes(2));
    await second.storage.sync();
    deepEqual((await contentsOf(disk))?.records, [bytes(2)]);
  }
});

Deno.test("sync without new records resolves without an fsync", async () => {
  const { fake, disk, storage } = await start();
  storage.append(bytes(1));
  await storage.sync();
  disk.latencyMs = 10;
  await storage.sync();
  equal(fake.host.pendingTimers, 0);
});

Deno.test("overlapping calls of sync share an fsync", async () => {
  const { fake, disk, storage } = await start();
  disk.latencyMs = 10;
  const times: number[] = [];
  const write = async (value: number) => {
    storage.append(bytes(value));
    await storage.sync();
    times.push(fake.host.elapsedMs);
  };
  write(1);
  for (const delayMs of [2, 4, 6]) {
    await fake.host.advance(delayMs - fake.host.elapsedMs);
    write(delayMs);
  }
  await fake.host.advance(50);
  deepEqual(times, [10, 20, 20, 20], "records appended during an fsync need another one");
});

Deno.test("sync resolves when the record is durable, not before", async () => {
  const { disk, storage, fake } = await start();
  disk.latencyMs = 10;
  storage.append(bytes(1));
  const synced = storage.sync();
  await fake.host.advance(9);
  equal(await isSettled(synced), false);
  const before = disk.durableBytes;
  await fake.host.advance(1);
  equal(await isSettled(synced), true);
  equal(before, 0);
  equal(disk.durableBytes, MAGIC.length + HEADER_BYTES + 1);
});

Deno.test("replace keeps the snapshot and its records only, and appends follow them", async () => {
  const { disk, storage } = await start();
  storage.append(bytes(1));
  await storage.sync();
  storage.append(bytes(2));
  const replaced = storage.replace(bytes(7, 7), [bytes(3)]);
  storage.append(bytes(4));
  await replaced;
  await storage.sync();
  disk.crash();
  deepEqual(await contentsOf(disk), { snapshot: bytes(7, 7), records: [bytes(3), bytes(4)] });
});

Deno.test("a loss of power during replace leaves the old contents or the new ones", async () => {
  for (const isReplaced of [false, true]) {
    const { disk, storage, fake } = await start();
    storage.append(bytes(1));
    await storage.sync();
    disk.latencyMs = 10;
    storage.replace(bytes(7), [bytes(8)]);
    storage.append(bytes(9));
    await fake.host.advance(5);
    disk.crash({ isReplaced, survivingBytes: 1000 });
    disk.latencyMs = 0;
    deepEqual(
      await contentsOf(disk),
      isReplaced
        ? { snapshot: bytes(7), records: [bytes(8)] }
        : { snapshot: undefined, records: [bytes(1)] },
    );
  }
});

Deno.test("a sync that replace supersedes resolves when the replacement is durable", async () => {
  const { disk, storage, fake } = await start();
  disk.latencyMs = 10;
  storage.append(bytes(1));
  storage.sync();
  storage.append(bytes(2));
  const times: Record<string, number> = {};
  storage.sync().then(() => times.sync = fake.host.elapsedMs);
  storage.replace(bytes(7)).then(() => times.first = fake.host.elapsedMs);
  storage.replace(bytes(8)).then(() => times.second = fake.host.elapsedMs);
  await fake.host.advance(100);
  deepEqual(times, { sync: 20, first: 20, second: 20 });
  disk.latencyMs = 0;
  deepEqual(await contentsOf(disk), { snapshot: bytes(8), records: [] });
});

Deno.test("a damaged record is refused with the offset and what to do", async () => {
  const { disk, storage } = await start();
  storage.append(bytes(1));
  storage.append(bytes(2));
  await storage.sync();
  disk.flipByte(MAGIC.length + HEADER_BYTES);
  await rejects(() => start(disk), (error: Error) => {
    equal(error.name, CorruptStorageError.name);
    match(error.message, /^the simulated disk is damaged at byte 17: record 1 does not match/);
    match(error.message, /Restore the file from a copy, or delete it/);
    return true;
  });
});

Deno.test("all methods need the recovered contents, and recover is called once", async () => {
  const program = withFlags({ flags: {}, persists: true }, () => {});
  const { storage } = (await FakeNode.start(program)).node;
  throws(
    () => storage.append(bytes(1)),
    /append\(\) was called before recover\(\) had resolved; await/,
  );
  throws(() => storage.sync(), /sync\(\) was called before/);
  throws(() => storage.replace(bytes(1)), /replace\(\) was called before/);
  await storage.recover();
  storage.append(bytes(1));
  await rejects(() => storage.recover(), /may be called only once/);
});

Deno.test("a program that does not declare that it persists has no storage", async () => {
  const fake = new FakeNode(() => {});
  throws(() => fake.node.storage, /withFlags\(\{ persists: true/);
  await Promise.resolve();
});

Deno.test("a node has no effect on its disk after a loss of power", async () => {
  const { disk, storage } = await start();
  storage.append(bytes(1));
  await storage.sync();
  disk.crash();
  storage.append(bytes(2));
  equal(await isSettled(storage.sync()), false);
  deepEqual((await contentsOf(disk))?.records, [bytes(1)]);
});
