import { assert, assertEquals, assertRejects } from "std/testing";
import type { Body, Json } from "../../../lib/node/mod.ts";
import {
  type Bucket,
  handleKeyValue,
  RevisionConflict,
} from "../../../lib/transport/nats/services.ts";

/** A bucket in memory; `meanwhile` runs before each write, as a concurrent client. */
class MemoryBucket implements Bucket {
  readonly entries = new Map<string, { value: Json; revision: number }>();
  meanwhile: () => void = () => {};
  #revision = 0;

  get(key: string) {
    return Promise.resolve(this.entries.get(key) ?? { value: undefined, revision: 0 });
  }

  put(key: string, value: Json, revision?: number): Promise<void> {
    this.meanwhile();
    if (revision !== undefined && revision !== (this.entries.get(key)?.revision ?? 0)) {
      return Promise.reject(new RevisionConflict("wrong last sequence"));
    }
    this.set(key, value);
    return Promise.resolve();
  }

  set(key: string, value: Json): void {
    this.entries.set(key, { value, revision: ++this.#revision });
  }
}

const handle = (bucket: Bucket, request: Body, mayCreate = true) =>
  handleKeyValue(bucket, request, mayCreate);
const cas = (from: Json, to: Json, more: object = {}): Body => ({
  type: "cas",
  key: "k",
  from,
  to,
  ...more,
});

Deno.test("read, write and cas reply as Maelstrom's services do", async () => {
  const bucket = new MemoryBucket();
  assertEquals((await handle(bucket, { type: "read", key: "k" })).code, 20);
  assertEquals((await handle(bucket, cas(1, 2))).code, 20);
  assertEquals(await handle(bucket, cas(1, 2, { create_if_not_exists: true })), { type: "cas_ok" });
  assertEquals(await handle(bucket, { type: "read", key: "k" }), { type: "read_ok", value: 2 });
  assertEquals((await handle(bucket, cas(1, 3))).code, 22);
  assertEquals(await handle(bucket, cas(2, { a: [1] })), { type: "cas_ok" });
  assertEquals(await handle(bucket, cas({ a: [1] }, null)), { type: "cas_ok" });
  assertEquals(await handle(bucket, { type: "read", key: "k" }), { type: "read_ok", value: null });
  assertEquals(await handle(bucket, { type: "write", key: "k", value: 7 }), { type: "write_ok" });
  assertEquals((await handle(bucket, { type: "write", key: "k" })).code, 12);
  assertEquals((await handle(bucket, { type: "remove", key: "k" })).code, 10);
});

Deno.test("a cas of lww-kv does not create a key", async () => {
  const request = cas(1, 2, { create_if_not_exists: true });
  assertEquals((await handle(new MemoryBucket(), request, false)).code, 20);
});

Deno.test("keys of different JSON types are different keys", async () => {
  const bucket = new MemoryBucket();
  const keys: Json[] = [
    "1",
    1,
    true,
    "true",
    null,
    "null",
    { a: 1 },
    [1],
    "a.b",
    "",
    "*",
    "é",
    2n ** 60n,
  ];
  for (const [index, key] of keys.entries()) {
    assertEquals(await handle(bucket, { type: "write", key, value: index }), { type: "write_ok" });
  }
  for (const [index, key] of keys.entries()) {
    assertEquals(await handle(bucket, { type: "read", key }), { type: "read_ok", value: index });
  }
  for (const key of bucket.entries.keys()) assert(/^[-/_=A-Za-z0-9]+$/.test(key), key);
  assertEquals((await handle(bucket, { type: "read", key: "k".repeat(3000) })).code, 12);
});

Deno.test("a cas that meets a write of the same value succeeds, and does not report a mismatch", async () => {
  const bucket = new MemoryBucket();
  bucket.set("=22k", 1);
  let rounds = 0;
  bucket.meanwhile = () => {
    if (rounds++ < 3) bucket.set("=22k", 1);
  };
  assertEquals(await handle(bucket, cas(1, 2)), { type: "cas_ok" });
  assertEquals(bucket.entries.get("=22k")?.value, 2);
});

Deno.test("a cas that meets a write of another value replies with that value", async () => {
  const bucket = new MemoryBucket();
  bucket.set("=22k", 1);
  bucket.meanwhile = () => bucket.set("=22k", 5);
  const reply = await handle(bucket, cas(1, 2));
  assertEquals(reply, { type: "error", code: 22, text: "current value 5 is not 1" });
  assertEquals(bucket.entries.get("=22k")?.value, 5);
});

Deno.test("a cas that loses every attempt has definitely not happened", async () => {
  const bucket = new MemoryBucket();
  bucket.set("=22k", 1);
  bucket.meanwhile = () => bucket.set("=22k", 1);
  assertEquals((await handle(bucket, cas(1, 2))).code, 11);
  assertEquals(bucket.entries.get("=22k")?.value, 1);
});

Deno.test("a value that JSON cannot hold is refused, and an unknown failure is passed on", async () => {
  const bucket = new MemoryBucket();
  assertEquals((await handle(bucket, { type: "write", key: "k", value: Infinity })).code, 12);
  bucket.meanwhile = () => {
    throw new Error("the connection broke");
  };
  await assertRejects(() => handle(bucket, { type: "write", key: "k", value: 1 }), Error, "broke");
});
