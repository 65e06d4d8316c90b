import { assert, assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { Random } from "../../lib/base/mod.ts";
import type { Operation } from "../../lib/history/mod.ts";
import { linKv } from "../../lib/workload/lin_kv.ts";
import {
  DEFAULT_OPTIONS,
  MalformedReplyError,
  nodeIds,
  type TestOptions,
} from "../../lib/workload/mod.ts";
import { assertNear } from "../support/assert_near.ts";
import { drive, type DriveOptions, invocations } from "../support/drive_generator.ts";
import { answering, refusing, ScriptedConnection } from "../support/scripted_connection.ts";

function optionsFor(nodes: number, concurrency: number): TestOptions {
  return { ...DEFAULT_OPTIONS, nodes: nodeIds(nodes), concurrency };
}

function invoked(nodes: number, driving: DriveOptions): Operation[] {
  const generator = linKv.generator(optionsFor(nodes, driving.concurrency), new Random(6));
  return invocations(drive(generator, driving));
}

const keyOf = ({ value }: Operation) => (value as [number, unknown])[0];

Deno.test("lin-kv tests each key with two workers a node; the first workers of all read", () => {
  const operations = invoked(3, { concurrency: 12, maxOperations: 3000 });
  for (const operation of operations) {
    const worker = operation.process as number;
    assertEquals(keyOf(operation), Math.floor(worker / 6));
    assertEquals(operation.f === "read", worker < 3);
  }
  assertEquals(new Set(operations.map(({ process }) => process)).size, 12);
  assertNear(operations.filter((operation) => keyOf(operation) === 0).length, 1500, 120);
});

// As Jepsen's reserve does: with G groups, 1 in 2G operations is a read.
for (const [concurrency, reads] of [[4, 3000], [8, 1500], [16, 750]] as const) {
  Deno.test(`with ${concurrency} workers on 2 nodes, ${reads} of 6,000 operations read, and two thirds of the others compare-and-set`, () => {
    const operations = invoked(2, { concurrency, maxOperations: 6000 });
    const count = (f: string) => operations.filter((operation) => operation.f === f).length;
    assertNear(count("read"), reads, 150, "reads");
    assertNear(count("write"), (6000 - reads) / 3, 150, "writes");
    assertNear(count("cas"), (6000 - reads) * 2 / 3, 150, "cas");
  });
}

Deno.test("lin-kv uses values 0 to 4 equally often; a read has the value null", () => {
  const operations = invoked(2, { concurrency: 4, maxOperations: 6000 });
  const values = operations.flatMap(({ f, value }) => {
    const argument = (value as [number, unknown])[1];
    if (f === "read") assertEquals(argument, null);
    return f === "read" ? [] : [argument].flat() as number[];
  });
  assertEquals([...new Set(values)].sort(), [0, 1, 2, 3, 4]);
  for (let value = 0; value < 5; value++) {
    assertNear(values.filter((other) => other === value).length, values.length / 5, 150);
  }
});

Deno.test("readers continue while all writers are busy", () => {
  const operations = invoked(2, {
    concurrency: 4,
    gapMs: 1,
    maxOperations: 100,
    complete: ({ f }) => ({ type: "ok", afterMs: f === "read" ? 0 : 1e6 }),
  });
  assert(operations.slice(10).every(({ f }) => f === "read"));
});

Deno.test("group moves to a fresh key when more than 20 processes have used its key", () => {
  const operations = invoked(2, {
    concurrency: 8,
    maxOperations: 400,
    complete: ({ f }) => ({ type: f === "write" ? "info" : "ok" }),
  });
  const processes = new Map<number, Set<number>>();
  for (const operation of operations) {
    const users = processes.get(keyOf(operation)) ?? new Set();
    processes.set(keyOf(operation), users.add(operation.process as number));
  }
  const keys = [...processes.keys()];
  assertEquals(keys.toSorted((a, b) => a - b), keys.map((_, key) => key), "no key is skipped");
  assert(keys.length > 3, `${keys.length} keys`);
  for (const [key, users] of processes) assert(users.size <= 20, `${users.size} on key ${key}`);
  // Both groups still use their last keys.
  const sizes = [...processes.values()].map(({ size }) => size).slice(0, -2);
  assert(Math.min(...sizes) > 15, `a fresh key starts with no other process: ${sizes}`);
});

Deno.test("lin-kv generates operations on more than ten nodes", () => {
  assertEquals(invoked(12, { concurrency: 24, maxOperations: 50 }).length, 50);
});

Deno.test("lin-kv requires a concurrency that is a multiple of 2n and suggests the next", () => {
  assertEquals(linKv.problem?.(optionsFor(3, 12)), undefined);
  assertEquals(linKv.problem?.(optionsFor(5, 10)), undefined);
  const problem = linKv.problem?.(optionsFor(5, 12)) ?? "";
  assertStringIncludes(problem, "must be a multiple of 10 for lin-kv on 5 nodes");
  assertStringIncludes(problem, "got 12; use 20 (--concurrency 4n)");
  assertStringIncludes(linKv.problem?.(optionsFor(3, 0)) ?? "", "got 0; use 6 (--concurrency 2n)");
});

Deno.test("lin-kv client sends the key of an operation and returns it with the value", async () => {
  const connection = answering({
    read: { type: "read_ok", value: 4 },
    write: { type: "write_ok" },
    cas: { type: "cas_ok" },
  });
  const client = linKv.client(connection, optionsFor(1, 2));
  assertEquals(await client.invoke({ f: "read", value: [7, null] }), { type: "ok", value: [7, 4] });
  assertEquals(await client.invoke({ f: "write", value: [7, 3] }), { type: "ok" });
  assertEquals(await client.invoke({ f: "cas", value: [7, [3, 1]] }), { type: "ok" });
  assertEquals(connection.requests, [
    { type: "read", key: 7 },
    { type: "write", key: 7, value: 3 },
    { type: "cas", key: 7, from: 3, to: 1 },
  ]);
});

Deno.test("read never ends `info`; write and cas end `info` only for an indefinite error", async () => {
  const options = optionsFor(1, 2);
  const silent = linKv.client(new ScriptedConnection(() => undefined), options);
  const crashing = linKv.client(refusing(13), options);
  const missing = linKv.client(refusing(20), options);
  const differing = linKv.client(refusing(22), options);
  const read = { f: "read", value: [0, null] };
  const write = { f: "write", value: [0, 1] };
  const cas = { f: "cas", value: [0, [1, 2]] };
  assertEquals(await silent.invoke(read), { type: "fail", error: "net-timeout" });
  assertEquals(await silent.invoke(write), { type: "info", error: "net-timeout" });
  assertEquals(await crashing.invoke(read), { type: "fail", error: ["crash", "no"] });
  assertEquals(await crashing.invoke(cas), { type: "info", error: ["crash", "no"] });
  assertEquals(await missing.invoke(read), { type: "fail", error: ["key-does-not-exist", "no"] });
  assertEquals(await differing.invoke(cas), { type: "fail", error: ["precondition-failed", "no"] });
});

Deno.test("read_ok without a value, or another reply type, is malformed", async () => {
  const options = optionsFor(1, 2);
  for (const type of ["read_ok", "write_ok"]) {
    const client = linKv.client(new ScriptedConnection(() => ({ type })), options);
    await assertRejects(
      () => client.invoke({ f: "read", value: [0, null] }),
      MalformedReplyError,
    );
  }
});

Deno.test("lin-kv requests time out after ten mean latencies, at least one second", async () => {
  for (const [mean, timeout] of [[0, 1000], [100, 1000], [250, 2500]] as const) {
    const connection = answering({ read: { type: "read_ok", value: null } });
    const options = {
      ...optionsFor(1, 2),
      latency: { meanMs: mean, distribution: "constant" } as const,
    };
    await linKv.client(connection, options).invoke({ f: "read", value: [0, null] });
    assertEquals(connection.timeouts, [timeout]);
  }
});
