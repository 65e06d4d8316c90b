import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { playgroundCommand } from "../../tasks/cli/playground_command.ts";
import { writeReport } from "../../tasks/cli/write_report.ts";
import { browserPath, withPage } from "./browser.ts";

const ignore = browserPath === undefined;
const SECONDS = /^([\d.]+) s to ([\d.]+) s$/;

/** Runs a test in virtual time, and returns the absolute path of its report page. */
async function reportOf(store: string, ...args: string[]): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--allow-read",
      "--allow-write",
      "--allow-env",
      "--allow-run",
      "tasks/maelstrom.ts",
    ]
      .concat("test", "--engine", "sim", "--seed", "1", "--store", store, ...args),
    stderr: "inherit",
  }).output();
  const text = new TextDecoder().decode(stdout);
  const [, path] = /report page +(\S+)/.exec(text) ?? [];
  assert(path !== undefined && path.endsWith("report.html"), text);
  return Deno.realPathSync(path);
}

function browserTest(name: string, test: (folder: string) => Promise<void>): void {
  Deno.test({
    name,
    ignore,
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const folder = await Deno.makeTempDir();
      try {
        await test(folder);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

browserTest("a lost message is found in two clicks", async (folder) => {
  const path = await reportOf(
    folder,
    ..."-w broadcast --bin nodes/broadcast.ts --node-count 5 --time-limit 10 --rate 20".split(
      " ",
    ),
    ..."--nemesis partition --nemesis-interval 4 -- --strategy flood".split(" "),
  );
  await withPage(path, async (page) => {
    assertEquals(await page.locator("h1").innerText(), "Invalid: broadcast");
    // The first reason's first operation is the broadcast whose value was lost.
    await page.locator(".reason button").first().click();
    await page.locator("[aria-live] h3", { hasText: "broadcast, ok" }).waitFor();
    await page.locator("p", { hasText: "perhaps caused by it" }).getByRole("button").first()
      .click();
    const details = page.locator("[aria-live]");
    await details.filter({ hasText: "never received" }).waitFor();
    assertStringIncludes(await details.innerText(), "partition");
  });
});

browserTest("a failure of linearizability opens with its partial linearization", async (folder) => {
  const path = await reportOf(
    folder,
    ..."-w lin-kv --bin examples/lin_kv.ts --node-count 2 --concurrency 4n".split(" "),
    ..."--time-limit 10 --rate 20 -- --fault cache".split(" "),
  );
  await withPage(path, async (page) => {
    assertEquals(await page.locator("h1").innerText(), "Invalid: lin-kv");
    assertEquals(await page.getByRole("button", { name: /^key \d+ \(fails\)$/ }).count() > 0, true);
    const [, from, to] = SECONDS.exec(await page.getByRole("status").last().innerText())!;
    assert(Number(to) - Number(from) < 5, `the page shows ${from} s to ${to} s`);
    assertStringIncludes(await page.locator("[aria-live] h3").innerText(), "Operation");
  });
});

browserTest("a cycle of transactions is a graph whose edges are explained", async (folder) => {
  const path = await reportOf(
    folder,
    ..."-w txn-list-append --bin examples/txn_list_append.ts --node-count 2".split(" "),
    ..."--concurrency 4n --time-limit 10 --rate 50 -- --fault stale".split(" "),
  );
  await withPage(path, async (page) => {
    const figure = page.locator("figure").first();
    const transactions = await figure.locator("circle").count();
    assert(transactions >= 2);
    assertEquals(await figure.locator("li").count(), transactions);
    assertStringIncludes(await figure.locator("li").first().innerText(), "T1 < T2");
    await figure.getByRole("button", { name: "Show its operations" }).click();
    await page.locator("[aria-live] h3", { hasText: "txn" }).waitFor();
  });
});

browserTest("states are linked to the messages after which they changed", async (folder) => {
  const path = await reportOf(
    folder,
    ..."-w g-set --bin nodes/g_set.ts --node-count 3 --time-limit 2 --rate 20".split(" "),
  );
  await withPage(path, async (page) => {
    const changes = page.locator("#state tbody tr");
    await changes.filter({ hasText: "+ " }).first().getByRole("button").click();
    const details = page.locator("[aria-live]");
    await details.filter({ hasText: "Message" }).waitFor();
    assertStringIncludes(await details.innerText(), "After it, the state of n");
    await page.getByLabel("state of").selectOption("n1");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("#state tbody tr td:nth-child(2)")].every((cell) =>
        cell.textContent === "n1"
      )
    );
    assertEquals(await changes.count() > 0, true);
  });
});

browserTest("a page is usable with a keyboard, and everything has a name", async (folder) => {
  const path = await reportOf(
    folder,
    ..."-w g-set --bin nodes/g_set.ts --node-count 3 --time-limit 5 --rate 20".split(" "),
  );
  await withPage(path, async (page) => {
    const shown = page.locator(".time [role=status]");
    const whole = await shown.innerText();
    await page.locator("#operations canvas").focus();
    await page.keyboard.press("+");
    await shown.filter({ hasNotText: whole }).waitFor();
    await page.keyboard.press("0");
    await shown.filter({ hasText: whole }).waitFor();
    await page.getByRole("button", { name: "Next message" }).click();
    await page.locator("[aria-live] h3", { hasText: "Message" }).waitFor();
    const nameless = await page.locator("button, canvas, select, input, section").evaluateAll(
      (elements) =>
        elements.filter((element) =>
          !(element.textContent || element.getAttribute("aria-label") ||
            element.closest("label")?.textContent)
        ).length,
    );
    assertEquals(nameless, 0);
  });
});

browserTest("what nodes and clients write changes nothing but text", async (folder) => {
  const attack = `<img src=x onerror=alert(1)></script><script>alert(2)</script>]]>\u001b[31m`;
  const long = "x".repeat(1_000_000);
  const line = (value: unknown) => `${JSON.stringify(value)}\n`;
  const proto = '{"__proto__":{"polluted":1},"type":"__proto__"}';
  Deno.writeTextFileSync(
    `${folder}/results.json`,
    JSON.stringify({
      "valid?": false,
      [attack]: { "valid?": false, explanations: [{ message: `operation 0 ${attack}` }] },
    }),
  );
  Deno.writeTextFileSync(
    `${folder}/history.jsonl`,
    line({ index: 0, time: 0, type: "invoke", process: 0, f: attack, value: attack }) +
      line({ index: 1, time: 5e6, type: "ok", process: 0, f: attack, value: long }),
  );
  Deno.writeTextFileSync(
    `${folder}/messages.jsonl`,
    `{"type":"send","time":1,"id":0,"src":"${
      "n".repeat(5000)
    }","dest":"__proto__","body":${proto}}\n` +
      line({ type: "send", time: 2, id: 1, src: attack, dest: attack, body: attack }) +
      `{"type":"send","time":3,"id":2,"src":"n0","dest":"n1","body":null}\n`,
  );
  Deno.writeTextFileSync(
    `${folder}/states.jsonl`,
    line({ node: attack, time: 2, id: 1, changes: [attack] }),
  );
  Deno.mkdirSync(`${folder}/node-logs`);
  Deno.writeTextFileSync(`${folder}/node-logs/n0.log`, attack);
  await withPage(await writeReport(folder), async (page) => {
    assertEquals(await page.locator("img").count(), 0);
    assertStringIncludes(await page.locator("#verdict").innerText(), "<img src=x");
    assertEquals(await page.evaluate("({}).polluted"), undefined);
    await page.locator(".reason button").first().click();
    assertStringIncludes(await page.locator("#state tbody").innerText(), "<img src=x");
    await page.getByText("Messages as a table").click();
    await page.locator("#messages tbody tr").first().waitFor();
  });
});

browserTest(
  "a page runs every node again with the messages of the command line",
  async (folder) => {
    const cases = [
      "-w broadcast --bin nodes/broadcast.ts --rate 50 --latency 20 --nemesis partition,kill",
      "-w kafka --bin nodes/kafka.ts --rate 100 --nemesis loss,skew",
      "-w txn-rw-register --bin nodes/txn_rw_register.ts --rate 50 --nemesis pause",
      "-w unique-ids --bin nodes/unique_ids.ts --rate 50 --nemesis skew",
    ];
    for (const flags of cases) {
      const options = "--node-count 3 --time-limit 5 --nemesis-interval 2 --seed 7".split(" ");
      const path = await reportOf(folder, ...flags.split(" "), ...options);
      await withPage(path, async (page) => {
        await page.locator("#run").click();
        const status = page.locator("#again [role=status]");
        await status.filter({ hasText: "byte for byte" }).waitFor();
        await page.getByLabel("seed").fill("another");
        await page.locator("#run").click();
        await status.filter({ hasText: "differ" }).waitFor();
        assertStringIncludes(await page.locator("header").innerText(), "seed another");
        await page.getByLabel("faults", { exact: true }).fill("gremlins");
        await page.locator("#run").click();
        await status.filter({ hasText: 'unknown fault "gremlins"' }).waitFor();
      });
    }
  },
);

browserTest("a playground runs the programs that it offers", async (folder) => {
  const path = `${folder}/playground.html`;
  assertEquals(await playgroundCommand(["--out", path]), 0);
  await withPage(path, async (page) => {
    await page.getByLabel("program").selectOption("nodes/kafka.ts");
    await page.locator("#run").click();
    await page.locator("header", { hasText: "kafka" }).waitFor();
    await page.getByLabel("program").selectOption("examples/g_set.ts");
    await page.getByLabel("arguments of the nodes").fill("--fault drop");
    await page.locator("#run").click();
    await page.locator("#again [role=status]").filter({ hasText: "The run could not start" })
      .waitFor();
  });
});
