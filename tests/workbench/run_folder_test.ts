import { assert, assertEquals } from "std/testing";
import { CompactOperations, decodeHistoryJsonl, type Operation } from "../../lib/history/mod.ts";
import { DEFAULT_OPTIONS } from "../../lib/workload/mod.ts";
import { RunFolder } from "../../lib/workbench/mod.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const TIME = "2026-01-02T03:04:05.006Z";
const message = { src: "n0", dest: "c1", body: { type: "x", id: 2n ** 63n } };

Deno.test("a run writes its folder, and latest links to the newest run", async () => {
  await inTemporaryFolder(async (root) => {
    const folder = new RunFolder(root, "echo", TIME);
    assertEquals(folder.path, `${root}/echo/20260102T030405.006Z`);
    folder.describe({ options: DEFAULT_OPTIONS, engine: "process", bin: "x", args: [] });
    folder.journal({ type: "send", time: 5, id: 0, message });
    folder.log("n0", "hello");
    folder.operation({ index: 0, time: 1, type: "invoke", process: 0, f: "echo", value: "a" });
    folder.writeSchedule([{ at: 1, f: "stop-partition", value: null, plan: null }]);
    folder.writeResults({ "valid?": true, workload: { "valid?": true } });
    folder.close();

    const read = (name: string) => Deno.readTextFile(`${root}/latest/${name}`);
    assertEquals(
      await read("messages.jsonl"),
      `{"type":"send","time":5,"id":0,"src":"n0","dest":"c1",` +
        `"body":{"type":"x","id":9223372036854775808}}\n`,
    );
    assertEquals(await read("node-logs/n0.log"), "hello\n");
    assertEquals(
      await read("history.edn"),
      `{:index 0, :time 1, :type :invoke, :process 0, :f :echo, :value "a"}\n`,
    );
    assertEquals(JSON.parse(await read("results.json")).workload, { "valid?": true });
    assert((await read("results.edn")).includes(":valid? true"));
    assertEquals(JSON.parse(await read("schedule.json"))[0].f, "stop-partition");
    assertEquals(JSON.parse(await read("test.json")).options.workload, "lin-kv");
    assertEquals(await Deno.realPath(`${root}/echo/latest`), await Deno.realPath(folder.path));
  });
});

Deno.test("a trace is written only if it has lines, and so are a schedule and states", async () => {
  await inTemporaryFolder((root) => {
    const namesOf = (folder: RunFolder) => {
      folder.close();
      folder.close();
      return [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
    };
    const always = ["history.edn", "history.jsonl", "messages.jsonl", "node-logs"];
    const empty = new RunFolder(root, "echo", TIME);
    empty.writeSchedule([]);
    empty.writeStates("");
    assertEquals(namesOf(empty), always);
    const full = new RunFolder(root, "echo", TIME);
    full.trace("one");
    full.trace("two");
    full.writeSchedule([{ at: 1, f: "stop-loss", value: null, plan: null }]);
    full.writeStates("{}\n");
    assertEquals(namesOf(full), [...always, "schedule.json", "states.jsonl", "trace.log"].sort());
    assertEquals(Deno.readTextFileSync(`${full.path}/trace.log`), "one\ntwo\n");
    assertEquals(Deno.readTextFileSync(`${full.path}/states.jsonl`), "{}\n");
  });
});

Deno.test("runs of the same millisecond get separate folders", async () => {
  await inTemporaryFolder((root) => {
    const folders = [1, 2, 3].map(() => new RunFolder(root, "echo", TIME));
    assertEquals(new Set(folders.map(({ path }) => path)).size, 3);
    for (const folder of folders) folder.close();
    assertEquals(Deno.readLinkSync(`${root}/latest`), "echo/20260102T030405.006Z-3");
    assertEquals([...Deno.readDirSync(root)].map(({ name }) => name).sort(), ["echo", "latest"]);
  });
});

Deno.test("a node's log is readable during the run", async () => {
  await inTemporaryFolder(async (root) => {
    const folder = new RunFolder(root, "echo", TIME);
    folder.log("n0", "one");
    folder.log("n0", "two");
    await Promise.resolve();
    assertEquals(await Deno.readTextFile(`${folder.path}/node-logs/n0.log`), "one\ntwo\n");
    folder.close();
    folder.log("n0", "too late");
  });
});

Deno.test("a long history is kept whole in history.jsonl, in short lines, and not as EDN", async () => {
  await inTemporaryFolder((root) => {
    const run = (limits: { wholeBytes: number; ednBytes: number }) => {
      const folder = new RunFolder(root, "g-set", TIME, undefined, limits);
      const recorder = new CompactOperations();
      const history: Operation[] = [];
      for (let index = 0; index < 100; index++) {
        const type = index % 2 === 0 ? "invoke" : "ok";
        const value = type === "ok" ? Array.from({ length: 2000 + index }, (_, i) => i) : null;
        const operation: Operation = { index, time: index, type, process: 0, f: "read", value };
        history.push(operation);
        folder.operation(recorder.compact(operation));
      }
      folder.close();
      const text = Deno.readTextFileSync(`${folder.path}/history.jsonl`);
      assertEquals(decodeHistoryJsonl(text, "history.jsonl"), history);
      const names = [...Deno.readDirSync(folder.path)].map(({ name }) => name);
      return { text, hasEdn: names.includes("history.edn"), notKept: folder.notKept };
    };
    const whole = run({ wholeBytes: 2 ** 30, ednBytes: 2 ** 30 });
    assertEquals([whole.hasEdn, whole.notKept], [true, []]);
    assertEquals(whole.text.includes("continues"), false);
    const short = run({ wholeBytes: 100_000, ednBytes: 2 ** 17 });
    assertEquals(short.hasEdn, false);
    assertEquals(short.notKept, [
      "history.edn exceeded 0 MiB; history.jsonl has all operations",
    ]);
    assert(short.text.length < 200_000, `${short.text.length} characters`);
  });
});
