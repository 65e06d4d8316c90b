import { assert, assertEquals, assertStringIncludes } from "std/testing";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { maelstromCommand } from "../support/run_task.ts";

const PERMISSIONS = ["--allow-read", "--allow-write", "--allow-env=NO_COLOR,INIT_CWD"];
const TASK = new URL("../../tasks/check.ts", import.meta.url).pathname;
const CONFIG = new URL("../../deno.json", import.meta.url).pathname;

/** Runs the task in a folder, with the permissions that it has in deno.json. */
async function check(folder: string, ...args: string[]) {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--config", CONFIG, ...PERMISSIONS, TASK, ...args],
    cwd: folder,
    env: { NO_COLOR: "1" },
    stdin: "null",
  }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

/** Histories by model: a valid and an invalid one. */
const histories: Readonly<Record<string, readonly [valid: string, invalid: string]>> = {
  "register": [
    "[{:type :invoke :process 0 :f :write :value 1} {:type :ok :process 0 :f :write :value 1}]",
    "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\t7\n",
  ],
  "cas-register": [
    `({:type :invoke :process 0 :f :write :value 1} {:type :ok :process 0 :f :write :value 1}
      {:type :invoke :process 1 :f :cas :value [1 2]} {:type :ok :process 1 :f :cas :value [1 2]})`,
    "[{:type :invoke :process 0 :f :cas :value [1 2]} {:type :ok :process 0 :f :cas :value [1 2]}]",
  ],
  "mutex": [
    "{:type :invoke, :process 0, :f :acquire}\n{:type :ok, :process 0, :f :acquire}\n",
    `[{"type":"invoke","process":0,"f":"acquire"},{"type":"ok","process":0,"f":"acquire"},
      {"type":"invoke","process":1,"f":"acquire"},{"type":"ok","process":1,"f":"acquire"}]`,
  ],
  "list-append": [
    `[{"type":"invoke","value":[["append","x",1]]},{"type":"ok","value":[["append","x",1]]},
      {"type":"invoke","value":[["r","x",null]]},{"type":"ok","value":[["r","x",[1]]]}]`,
    `[{"type":"invoke","value":[["append","x",1]]},{"type":"ok","value":[["append","x",1]]},
      {"type":"invoke","value":[["r","x",null]]},{"type":"ok","value":[["r","x",[]]]}]`,
  ],
  "rw-register": [
    `[{:type :invoke :value [[:w :x 1]]} {:type :ok :value [[:w :x 1]]}
      {:type :invoke :value [[:r :x nil]]} {:type :ok :value [[:r :x 1]]}]`,
    `[{:type :invoke :value [[:w :x 1]]} {:type :fail :value [[:w :x 1]]}
      {:type :invoke :value [[:r :x nil]]} {:type :ok :value [[:r :x 1]]}]`,
  ],
  "set-full": [
    `[{:type :invoke :f :add :value 1} {:type :ok :f :add :value 1}
      {:type :invoke :f :read :value nil} {:type :ok :f :read :value [1]}]`,
    `[{:type :invoke :f :add :value 1} {:type :ok :f :add :value 1}
      {:type :invoke :f :read :value nil} {:type :ok :f :read :value []}]`,
  ],
  "counter": [
    `[{:type :invoke :f :add :value 2} {:type :ok :f :add :value 2}
      {:type :invoke :f :read :value nil :final? true} {:type :ok :f :read :value 2 :final? true}]`,
    `[{:type :invoke :f :add :value 2} {:type :ok :f :add :value 2}
      {:type :invoke :f :read :value nil :final? true} {:type :ok :f :read :value 3 :final? true}]`,
  ],
  "kafka": [
    `[{:type :invoke :f :send :value [[:send "k" 1]]} {:type :ok :f :send :value [[:send "k" [0 1]]]}
      {:type :invoke :f :poll :value [[:poll]]} {:type :ok :f :poll :value [[:poll {"k" [[0 1]]}]]}]`,
    `[{:type :invoke :f :send :value [[:send "k" 1]]} {:type :ok :f :send :value [[:send "k" [0 1]]]}
      {:type :invoke :f :poll :value [[:poll]]} {:type :ok :f :poll :value [[:poll {"k" [[0 2]]}]]}]`,
  ],
  "unique-ids": [
    "[{:type :invoke} {:type :ok :value 1} {:type :invoke} {:type :ok :value 2}]",
    "[{:type :invoke} {:type :ok :value 1} {:type :invoke} {:type :ok :value 1}]",
  ],
};

for (const [model, [valid, invalid]] of Object.entries(histories)) {
  Deno.test(`check judges files by --model ${model}, and exits by the verdict`, async () => {
    await inTemporaryFolder(async (folder) => {
      Deno.writeTextFileSync(`${folder}/valid`, valid);
      Deno.writeTextFileSync(`${folder}/invalid`, invalid);
      const verdicts = async (...files: string[]) => {
        const { code, stdout, stderr } = await check(folder, ...files, "--model", model, "--json");
        assertEquals(stderr, "");
        const lines = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
        return [code, ...lines.map(({ path, "valid?": valid }) => [path, valid])];
      };
      assertEquals(await verdicts("valid"), [0, ["valid", true]]);
      assertEquals(await verdicts("valid", "invalid"), [1, ["valid", true], ["invalid", false]]);
    });
  });
}

Deno.test("check writes the report page and the results of a file to the store", async () => {
  await inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/h.edn`, histories["set-full"]?.[1] ?? "");
    const { code, stdout } = await check(folder, "h.edn", "-m", "set-full");
    assertEquals(code, 1);
    assertStringIncludes(stdout, "checking set-full: 4 entries of h.edn");
    assertStringIncludes(stdout, "report page     store/check/h.edn/report.html");
    const results = JSON.parse(Deno.readTextFileSync(`${folder}/store/check/h.edn/results.json`));
    assertEquals(results["valid?"], false);
    assert(Deno.statSync(`${folder}/store/check/h.edn/report.html`).size > 10_000);
  });
});

Deno.test("check judges by the given consistency models", async () => {
  await inTemporaryFolder(async (folder) => {
    // A read that misses an append that had completed is not strict, but serializable.
    Deno.writeTextFileSync(`${folder}/h`, histories["list-append"]?.[1] ?? "");
    const models = ["-m", "list-append", "--json", "--consistency-models"];
    assertEquals((await check(folder, "h", ...models, "strict-serializable")).code, 1);
    assertEquals((await check(folder, "h", ...models, "read-committed")).code, 0);
  });
});

Deno.test("check judges by a model of one's own", async () => {
  await inTemporaryFolder(async (folder) => {
    const model = `export default {
      init: () => [],
      step: (queue, { f, value }) =>
        f === "push" ? [...queue, value] : queue[0] === value ? queue.slice(1) : undefined,
      equal: (one, other) => one.join() === other.join(),
    };`;
    Deno.writeTextFileSync(`${folder}/queue.js`, model);
    Deno.writeTextFileSync(`${folder}/empty.js`, "export default { init() {} };");
    const push = (value: number) =>
      `{:type :invoke :f :push :value ${value}} {:type :ok :f :push :value ${value}}`;
    const pop = (value: number) => `{:type :invoke :f :pop} {:type :ok :f :pop :value ${value}}`;
    Deno.writeTextFileSync(`${folder}/fifo.edn`, `${push(1)} ${push(2)} ${pop(1)}`);
    Deno.writeTextFileSync(`${folder}/lifo.edn`, `${push(1)} ${push(2)} ${pop(2)}`);
    assertEquals((await check(folder, "fifo.edn", "-m", "./queue.js", "--json")).code, 0);
    assertEquals((await check(folder, "lifo.edn", "-m", "./queue.js", "--json")).code, 1);
    const refused = await check(folder, "fifo.edn", "-m", "./empty.js");
    assertEquals(refused.code, 254);
    assertStringIncludes(refused.stderr, "it has no function step");
  });
});

const problems: readonly (readonly [args: string, code: number, message: string])[] = [
  ["", 254, "missing path"],
  ["no.edn -m register", 254, "file or folder not found: no.edn"],
  ["h.edn", 254, "missing --model NAME; h.edn has operations write, read. Models: list-append"],
  ["h.edn -m lists", 254, "--model must be one of list-append"],
  ["h.edn -m register -w echo", 254, "exclude each other"],
  ["text -m register", 255, "text, line 1: expected operations as EDN or JSON maps"],
  [". -m register", 254, ". contains neither history.jsonl nor history.edn"],
  ["empty -m register", 2, "empty is empty"],
];

Deno.test("check says what is wrong with its arguments and files", async () => {
  await inTemporaryFolder(async (folder) => {
    const history = "[{:type :invoke :f :write :value 1} {:type :ok :f :write :value 1} " +
      "{:type :invoke :f :read} {:type :ok :f :read :value 1}]";
    Deno.writeTextFileSync(`${folder}/h.edn`, history);
    Deno.writeTextFileSync(`${folder}/text`, "hello");
    Deno.writeTextFileSync(`${folder}/empty`, "[]");
    for (const [args, code, message] of problems) {
      const outcome = await check(folder, ...args.split(" ").filter((arg) => arg !== ""));
      assertStringIncludes(outcome.stderr, message);
      assertEquals(outcome.code, code, args);
    }
  });
});

Deno.test("maelstrom check is the same command", async () => {
  await inTemporaryFolder(async (folder) => {
    const [, invalid] = histories["unique-ids"] ?? [];
    Deno.writeTextFileSync(`${folder}/h`, invalid ?? "");
    const args = ["check", `${folder}/h`, "--model", "unique-ids", "--json"];
    const { code } = await maelstromCommand(args).output();
    assertEquals(code, 1);
  });
});
