import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { unzipSync } from "fflate";
import { respond } from "../../tasks/cli/serve_command.ts";

/** Makes a store with a valid and an invalid run. */
function makeStore(): string {
  const store = Deno.makeTempDirSync();
  const add = (path: string, valid: boolean | undefined, count: number) => {
    const folder = `${store}/${path}`;
    Deno.mkdirSync(`${folder}/node-logs`, { recursive: true });
    const options = { workload: path.split("/")[0], nodes: ["n0"], seed: "<b>" };
    Deno.writeTextFileSync(
      `${folder}/test.json`,
      JSON.stringify({ options, bin: "x.ts", args: [] }),
    );
    Deno.writeTextFileSync(`${folder}/node-logs/n0.log`, "hello");
    if (valid === undefined) return;
    const results = { "valid?": valid, stats: { count } };
    Deno.writeTextFileSync(`${folder}/results.json`, JSON.stringify(results));
    Deno.writeTextFileSync(`${folder}/report.html`, "the page");
  };
  add("echo/1", true, 10);
  add("broadcast/2", false, 20);
  add("explore/echo/3", undefined, 0);
  Deno.symlinkSync("echo/1", `${store}/latest`);
  return store;
}

async function withStore(
  test: (get: (path: string, host?: string) => Promise<Response>) => Promise<void>,
): Promise<void> {
  const store = makeStore();
  try {
    await test((path, host = "127.0.0.1:8090") =>
      Promise.resolve(respond(store, new Request(`http://${host}${path}`, { headers: { host } })))
    );
  } finally {
    Deno.removeSync(store, { recursive: true });
  }
}

Deno.test("the list shows each run once, with its verdict, newest first", () =>
  withStore(async (get) => {
    const html = await (await get("/")).text();
    assertEquals(html.match(/<tr><td>/g)?.length, 3);
    assert(html.indexOf("explore/echo/3") < html.indexOf("broadcast/2"));
    assert(html.indexOf("broadcast/2") < html.indexOf('echo/1"'));
    assertStringIncludes(html, ">invalid<");
    assertStringIncludes(html, ">unfinished<");
  }));

Deno.test("the list can be filtered by workload and verdict", () =>
  withStore(async (get) => {
    const one = await (await get("/?workload=echo&verdict=valid")).text();
    assertStringIncludes(one, "1 of 3 runs");
    assertStringIncludes(await (await get("/?verdict=invalid")).text(), "broadcast/2");
  }));

Deno.test("files and reports of a run can be read", () =>
  withStore(async (get) => {
    assertEquals(await (await get("/runs/echo/1/report.html")).text(), "the page");
    const list = await (await get("/runs/echo/1/")).text();
    assertStringIncludes(list, `href="node-logs/n0.log"`);
    assertEquals(await (await get("/runs/echo/1/node-logs/n0.log")).text(), "hello");
  }));

Deno.test("a zip file has all files of the run", () =>
  withStore(async (get) => {
    const response = await get("/zip/echo/1");
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    assertEquals(Object.keys(files).sort(), [
      "node-logs/n0.log",
      "report.html",
      "results.json",
      "test.json",
    ]);
    assertEquals(new TextDecoder().decode(files["report.html"]), "the page");
  }));

Deno.test("two runs are compared figure by figure", () =>
  withStore(async (get) => {
    const html = await (await get("/compare?run=echo/1&run=broadcast/2")).text();
    assertStringIncludes(html, "<td>10</td><td>20</td><td>2.00</td>");
    assertStringIncludes(html, "&lt;b>");
    assertEquals((await get("/compare?run=echo/1")).status, 400);
    assertEquals((await get("/compare?run=echo/1&run=nowhere")).status, 400);
  }));

Deno.test("nothing outside the store can be read, and other hosts are refused", () =>
  withStore(async (get) => {
    for (
      const path of ["/runs/..%2f..%2fetc%2fpasswd", "/runs/%2e%2e/x", "/runs/a%00b", "/runs/%zz"]
    ) {
      assertEquals((await get(path)).status, 404, path);
    }
    assertEquals((await get("/runs/echo/9/report.html")).status, 404);
    assertEquals((await get("/", "evil.example")).status, 403);
  }));
