import { assert, assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { type Json, Random } from "../../lib/base/mod.ts";
import type { Node, NodeFunction } from "../../lib/node/mod.ts";
import { sleep } from "../../lib/workbench/clock.ts";
import { Cluster } from "../../lib/workbench/cluster.ts";
import { describeExit } from "../../lib/workbench/start_failure.ts";
import { StartError } from "../../lib/workbench/engine.ts";
import type { Body } from "../../lib/wire/mod.ts";
import type { JournalEvent } from "../../lib/workbench/journal.ts";
import { Network } from "../../lib/workbench/network.ts";
import { SimEngine } from "../../lib/workbench/sim/sim_engine.ts";

interface Scene {
  readonly cluster: Cluster;
  readonly engine: SimEngine;
  readonly network: Network;
  readonly journal: readonly JournalEvent[];
  readonly log: readonly string[];
  advance(durationMs: number): Promise<void>;
}

/** Runs a test with a cluster that is not started yet. */
function withCluster<T>(
  program: NodeFunction,
  test: (scene: Scene) => Promise<T>,
  nodes: readonly string[] = ["n0", "n1"],
): Promise<T> {
  const engine = new SimEngine(program);
  const { clock } = engine;
  const journal: JournalEvent[] = [];
  const log: string[] = [];
  const network = new Network({
    clock,
    random: new Random("1"),
    latency: { meanMs: 0, distribution: "constant" },
    journal: (event) => journal.push(event),
  });
  const cluster = new Cluster({
    engine,
    network,
    nodes,
    log: (node, line) => log.push(`${node}: ${line}`),
  });
  const advance = (durationMs: number) => sleep(clock, durationMs);
  return engine.run(async () => {
    try {
      return await test({ cluster, engine, network, journal, log, advance });
    } finally {
      await cluster.stop();
    }
  });
}

function bodies(journal: readonly JournalEvent[], type: string) {
  return journal.filter(({ type: kind, message }) =>
    kind === "recv" && (message.body as { readonly type?: string }).type === type
  ).map(({ message }) => message);
}

Deno.test("every node gets init from a client of its own, with its id and all node ids", async () => {
  await withCluster(() => {}, async ({ cluster, journal }) => {
    await cluster.start();
    assertEquals(
      bodies(journal, "init"),
      ["n0", "n1"].map((id, index) => ({
        src: `c${index}`,
        dest: id,
        body: { type: "init", node_id: id, node_ids: ["n0", "n1"], msg_id: 1 },
      })),
    );
    assertEquals(bodies(journal, "init_ok").length, 2);
  });
});

Deno.test("start waits for the init_ok of the slowest node", async () => {
  const slow = (node: Node) => {
    return node.sleep(node.id === "n1" ? 7000 : 10);
  };
  await withCluster(slow, async ({ cluster, engine }) => {
    await cluster.start();
    assertEquals(engine.clock.now(), 7000);
  });
});

Deno.test("start fails if a node does not reply to init within 10 s", async () => {
  const silent = (node: Node) => {
    node.log("started");
    return node.sleep(node.id === "n1" ? 10_001 : 0);
  };
  await withCluster(silent, async ({ cluster, engine }) => {
    const error = await assertRejects(() => cluster.start(), StartError);
    assertStringIncludes(error.message, "Node n1 did not reply to init within 10 s");
    assertStringIncludes(error.message, "started");
    assertEquals(engine.clock.now(), 10_000);
  });
});

Deno.test("a StartError quotes an error reply to init, and malformed output", async () => {
  const refusing = (node: Node) => {
    throw new Error(`planted refusal of ${node.id}`);
  };
  await withCluster(refusing, async ({ cluster }) => {
    const error = await assertRejects(() => cluster.start(), StartError);
    assertStringIncludes(error.message, "planted refusal of n0");
  });
  const chatty = (node: Node) => {
    // deno-lint-ignore no-console
    console.log("Starting up…");
    return node.sleep(1e5);
  };
  await withCluster(chatty, async ({ cluster }) => {
    const error = await assertRejects(() => cluster.start(), StartError);
    assertStringIncludes(error.message, "It wrote a malformed line: Starting up…");
  });
});

Deno.test("a message to an unknown node is a problem of its sender; at most 100 problems are kept", async () => {
  const lost = (node: Node) => {
    for (let count = 0; count < 150; count++) node.send("n7", { type: "x", count });
  };
  await withCluster(lost, async ({ cluster }) => {
    await cluster.start();
    assertEquals(cluster.problems.length, 100);
    const [first] = cluster.problems;
    assertEquals([first?.node, first?.problem], ["n0", "unknown receiver 'n7'"]);
    assertStringIncludes(first?.line ?? "", '"count":0');
  }, ["n0"]);
});

Deno.test("a StartError names the in_reply_to of a reply that matched no request", async () => {
  await withCluster((node) => {
    const raw = (JSON as typeof JSON & { rawJSON(text: string): Json }).rawJSON("1.0");
    node.send("c0", { type: "init_ok", in_reply_to: raw as number });
    return node.sleep(1e5);
  }, async ({ cluster }) => {
    const error = await assertRejects(() => cluster.start(), StartError);
    assertStringIncludes(
      error.message,
      "did not reply to init within 10 s: its reply has in_reply_to 1.0; expected the integer 1.",
    );
  }, ["n0"]);
});

Deno.test("output problems say whether Maelstrom would accept the line, stop reading, or fail at init", async () => {
  const program = (node: Node) => {
    node.send("n7", { type: "before the reply to init" });
    node.send("n0", undefined as unknown as Body);
    node.after(10, () => {
      node.send("n7", { type: "after it" });
      node.send("n0", undefined as unknown as Body);
    });
  };
  await withCluster(program, async ({ cluster, advance }) => {
    await cluster.start();
    await advance(20);
    assertEquals(cluster.problems.map(({ problem, inMaelstrom }) => [problem, inMaelstrom]), [
      ["unknown receiver 'n7'", "init-fails"],
      ["'body' is missing", "accepted"],
      ["unknown receiver 'n7'", "output-ends"],
      ["'body' is missing", "accepted"],
    ]);
  }, ["n0"]);
});

Deno.test("a killed node is not a crash, sends nothing until its restart, and then gets init again", async () => {
  const program = (node: Node) => {
    let count = 0;
    node.on("increment", () => void count++);
    node.on("read", () => ({ type: "read_ok", count }));
  };
  await withCluster(program, async ({ cluster, network, journal, advance }) => {
    await cluster.start();
    const client = network.addClient(() => {});
    const send = (body: unknown) => network.send({ src: client, dest: "n0", body });
    send({ type: "increment" });
    await advance(1);
    await cluster.kill("n0");
    send({ type: "read", msg_id: 1 });
    await advance(100);
    assertEquals(bodies(journal, "read_ok"), []);
    assertEquals(cluster.crashes(), []);
    await cluster.restart("n0");
    assertEquals(bodies(journal, "init").filter(({ dest }) => dest === "n0").length, 2);
    send({ type: "read", msg_id: 2 });
    await advance(1);
    assertEquals(bodies(journal, "read_ok").map(({ body }) => body), [
      { type: "read_ok", count: 0, in_reply_to: 2 },
    ]);
  });
});

Deno.test("a node that exits is a crash, even if a fault restarts it later", async () => {
  const program = (node: Node) => {
    if (node.id === "n0" && node.now() % 1000 < 500) node.after(100, () => Deno.exit(4));
    node.log("started");
  };
  await withCluster(program, async ({ cluster, advance }) => {
    await cluster.start();
    await advance(600);
    const crash = { node: "n0", exit: { code: 4, signal: null }, stderr: ["started"] };
    const seen = () => cluster.crashes().map(({ node, exit, stderr }) => ({ node, exit, stderr }));
    assertEquals(seen(), [crash]);
    await cluster.kill("n0");
    assertEquals(seen(), [crash]);
    await cluster.restart("n0");
    await advance(2000);
    assertEquals(seen(), [crash]);
  });
});

Deno.test("a node that does not restart after a kill is a problem and does not end the test", async () => {
  const program = (node: Node) => {
    if (node.now() > 1_735_689_600_000 + 50) throw new Error("planted: cannot start twice");
  };
  await withCluster(program, async ({ cluster, advance }) => {
    await cluster.start();
    await advance(100);
    await cluster.kill("n1");
    await cluster.restart("n1");
    assertEquals(cluster.problems.map(({ node }) => node), ["n1"]);
    assertStringIncludes(cluster.problems[0]?.problem ?? "", "planted: cannot start twice");
  });
});

Deno.test("a clock skew survives a restart", async () => {
  const program = (node: Node) => node.exposeState(() => node.now());
  await withCluster(program, async ({ cluster, engine, advance }) => {
    await cluster.start();
    cluster.skew("n1", 5000);
    await cluster.kill("n1");
    await cluster.restart("n1");
    await advance(10);
    const difference = (engine.stateOf("n1") as number) - (engine.stateOf("n0") as number);
    assertEquals(difference, 5000);
  });
});

Deno.test("a paused node keeps its state and continues when it resumes", async () => {
  const program = (node: Node) => {
    let ticks = 0;
    node.every(10, () => ticks++);
    node.exposeState(() => ticks);
  };
  await withCluster(program, async ({ cluster, engine, advance }) => {
    await cluster.start();
    await advance(55);
    cluster.pause("n0");
    await advance(1000);
    assertEquals(engine.stateOf("n0"), 5);
    cluster.resume("n0");
    await advance(50);
    const ticks = engine.stateOf("n0") as number;
    assert(ticks >= 9 && ticks <= 11, `${ticks} ticks`);
  });
});

Deno.test("a stopped cluster cannot restart, and its end is not a crash", async () => {
  await withCluster((node) => {
    node.every(10, () => node.send("n1", { type: "x" }));
  }, async ({ cluster, journal, advance }) => {
    await cluster.start();
    await cluster.stop();
    const events = journal.length;
    await cluster.restart("n0");
    await advance(100);
    assertEquals(journal.length, events);
    assertEquals(cluster.crashes(), []);
  });
});

Deno.test("describeExit returns an exit status as text", () => {
  assertEquals(describeExit({ code: 3, signal: null }), "exit status 3");
  assertEquals(describeExit({ code: 137, signal: "SIGKILL" }), "signal SIGKILL");
});
