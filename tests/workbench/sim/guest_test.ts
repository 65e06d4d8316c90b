import { assert, assertEquals, assertThrows } from "std/testing";
import { UsageError } from "../../../lib/base/mod.ts";
import type { Boot, GuestNode } from "../../../lib/workbench/sim/guest.ts";
import {
  createGuestProgram,
  type GuestProgram,
  loadGuestOf,
} from "../../../lib/workbench/sim/guest_program.ts";
import { sleep } from "../../../lib/workbench/clock.ts";
import { SimEngine } from "../../../lib/workbench/sim/sim_engine.ts";

const message = (type: string) => ({ src: "c1", dest: "n0", body: { type } });

/** Runs a node with a guest; returns what the workbench received from it. */
function withGuest(
  boot: Boot,
  test: (
    node: ReturnType<SimEngine["start"]>,
    advance: (ms: number) => Promise<void>,
  ) => Promise<void>,
): Promise<string[]> {
  const received: string[] = [];
  const engine = new SimEngine(createGuestProgram("node.wasm", () => boot));
  return engine.run(async () => {
    const node = engine.start("n0", {
      sent: ({ dest, body }) => received.push(`${dest} ${JSON.stringify(body)}`),
      malformedOutput: (line, problem) => received.push(`${line}: ${problem}`),
      logged: (line) => received.push(`log ${line}`),
      reached: (text) => received.push(`reached ${text}`),
    });
    await test(node, (ms) => sleep(engine.clock, ms));
    return received;
  });
}

Deno.test("a guest is released once, at the end of its node", async () => {
  const events: string[] = [];
  const boot: Boot = () => ({
    receive: () => events.push("received"),
    release: () => events.push("released"),
  });
  await withGuest(boot, async (node, advance) => {
    node.deliver(message("a"));
    await advance(1);
    await node.kill();
    await node.kill();
    node.deliver(message("b"));
    await advance(1);
  });
  assertEquals(events, ["received", "released"]);
});

Deno.test("a guest that ends its node while it starts is released, and receives nothing", async () => {
  const events: string[] = [];
  const boot: Boot = (node) => {
    node.exitWith(5);
    return { receive: () => events.push("received"), release: () => events.push("released") };
  };
  await withGuest(boot, async (node, advance) => {
    node.deliver(message("a"));
    await advance(1);
    assertEquals(node.exit, { code: 5, signal: null });
  });
  assertEquals(events, ["released"]);
});

Deno.test("a guest that does not start ends its node, with a status of its own for its arguments", async () => {
  const exitCode = async (error: unknown) => {
    let code: number | undefined;
    const received = await withGuest(() => {
      throw error;
    }, async (node) => {
      ({ code } = await node.ended);
    });
    return [code, received[0]];
  };
  assertEquals(await exitCode(new UsageError("unknown flag --x")), [2, "log unknown flag --x"]);
  const [code, line] = await exitCode(new Error("planted"));
  assertEquals([code, line], [1, "log Error: planted"]);
});

Deno.test("the last lines of a node are its messages, what it printed, and its log", async () => {
  const boot: Boot = (node) => ({
    receive() {
      node.transmit({ src: "n0", dest: "c1", body: { type: "x" } });
      node.print('{"src":"n0","dest":"c1","body":{"type":"y"}}\nno JSON');
      node.log("one\ntwo");
    },
  });
  const received = await withGuest(boot, async (node, advance) => {
    node.deliver(message("a"));
    await advance(1);
    assertEquals(node.lastLines, {
      stdout: [
        '{"src":"n0","dest":"c1","body":{"type":"x"}}',
        '{"src":"n0","dest":"c1","body":{"type":"y"}}',
        "no JSON",
      ],
      stderr: ["one", "two"],
    });
  });
  assertEquals(received.slice(0, 2), ['c1 {"type":"x"}', 'c1 {"type":"y"}']);
  assertEquals(received.slice(3), ["log one", "log two"]);
});

Deno.test("the workbench receives each rare path that a guest reaches", async () => {
  const boot: Boot = (node) => ({ receive: () => node.sometimes("a retry fired") });
  const received = await withGuest(boot, async (node, advance) => {
    node.deliver(message("a"));
    node.deliver(message("b"));
    await advance(1);
  });
  assertEquals(received, ["reached a retry fired", "reached a retry fired"]);
});

Deno.test("a node that has ended writes nothing more", async () => {
  let ended: GuestNode | undefined;
  const received = await withGuest((node) => {
    ended = node;
    return { receive() {} };
  }, async (node, advance) => {
    await advance(1);
    await node.kill();
    ended?.log("late");
    ended?.print("late");
    ended?.transmit({ src: "n0", dest: "c1", body: { type: "late" } });
    ended?.fail(new Error("late"));
    ended?.sometimes("late");
    ended?.startTimer(1, () => ended?.log("late"));
    await advance(5);
    assertEquals(node.exit?.signal, "SIGKILL");
  });
  assertEquals(received, []);
});

Deno.test("a node that is paused again while it catches up handles the rest later", async () => {
  const handled: string[] = [];
  const boot: Boot = () => ({
    receive: ({ body }) => handled.push((body as { readonly type: string }).type),
  });
  await withGuest(boot, async (node, advance) => {
    await advance(1);
    node.pause();
    for (const type of ["a", "b", "c"]) node.deliver(message(type));
    await advance(1);
    assertEquals(handled, []);
    node.resume();
    node.resume();
    node.deliver(message("d"));
    node.pause();
    await advance(1);
    assertEquals(handled, [], "it was paused before it could handle one");
    node.resume();
    await advance(1);
  });
  assertEquals(handled, ["a", "b", "c", "d"]);
});

Deno.test("an fsync of a file can be interrupted by a loss of power", async () => {
  const events: string[] = [];
  const boot: Boot = (guest) => {
    const files = guest.openFolder();
    const descriptor = files.open("storage/log", {
      isReadable: true,
      isWritable: true,
      appends: true,
      creates: true,
      isExclusive: false,
      truncates: false,
      isDirectory: false,
    });
    return {
      receive() {
        files.write(descriptor, Uint8Array.of(1));
        files.sync(descriptor, () => events.push("durable"));
      },
    };
  };
  await withGuest(boot, async (node, advance) => {
    await advance(1);
    node.interruptSync?.(0.5, () => events.push("interrupted"));
    node.deliver(message("a"));
    await advance(100);
    node.deliver(message("b"));
    await advance(100);
  });
  assertEquals(events, ["interrupted", "durable", "durable"]);
});

Deno.test("a replacement that a kill interrupts has happened, or has not", async () => {
  const boot: Boot = (guest) => {
    const disk = guest.openDisk();
    return {
      receive({ body }) {
        if ((body as { readonly type: string }).type === "replace") disk.replace(Uint8Array.of(7));
        else disk.read().then((bytes) => guest.log(`${bytes.length} bytes`));
      },
    };
  };
  const counts = new Map<string, number>();
  for (let seed = 0; seed < 60; seed++) {
    const program = createGuestProgram("node.wasm", () => boot);
    const engine = new SimEngine(program, [], String(seed));
    await engine.run(async () => {
      const listener = {
        sent() {},
        malformedOutput() {},
        logged: (line: string) => void counts.set(line, (counts.get(line) ?? 0) + 1),
      };
      const first = engine.start("n0", listener);
      await sleep(engine.clock, 1);
      first.deliver(message("replace"));
      await first.kill();
      engine.start("n0", listener).deliver(message("read"));
      await sleep(engine.clock, 100);
    });
  }
  assertEquals([...counts.keys()].sort(), ["0 bytes", "1 bytes"]);
  assert(Math.min(...counts.values()) > 15, [...counts].join(" "));
});

Deno.test("only a program that was loaded can run", () => {
  const forged: GuestProgram = { path: "node.wasm" };
  assertThrows(() => loadGuestOf(forged), TypeError, "a program that loadAnyProgram returned");
});
