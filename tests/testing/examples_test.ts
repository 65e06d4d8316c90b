import { assert, assertEquals } from "std/testing";

const PROJECT = new URL("../../", import.meta.url);
const MIN_EXAMPLES = 20;

/** The exports of the package, and a module of each that has an example. */
const EXPORTS: Readonly<Record<string, string>> = {
  "./node": "lib/node/define_node.ts",
  "./contract": "lib/contract/define.ts",
  "./testing": "lib/testing/fake_node.ts",
  "./check": "lib/check/linearizable/check_linearizable.ts",
  "./workload": "lib/workload/workload.ts",
  "./workbench": "lib/workbench/sim/simulate.ts",
  "./replication": "lib/replication/gossip.ts",
  "./raft": "lib/protocol/consensus/raft/server/server.ts",
};

/** Yields the modules below a folder that have an example which runs. */
function* modulesWithExamples(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, PROJECT))) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* modulesWithExamples(path);
    else if (path.endsWith(".ts") && hasExample(Deno.readTextFileSync(new URL(path, PROJECT)))) {
      yield path;
    }
  }
}

function hasExample(text: string): boolean {
  return /^ *\* ```ts$/m.test(text);
}

async function deno(...args: string[]): Promise<{ code: number; output: string }> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: PROJECT.pathname,
    env: { NO_COLOR: "1" },
  }).output();
  const decoder = new TextDecoder();
  return { code, output: decoder.decode(stdout) + decoder.decode(stderr) };
}

Deno.test("each export of the package has an example", () => {
  const config = JSON.parse(Deno.readTextFileSync(new URL("deno.json", PROJECT)));
  assertEquals(Object.keys(config.exports), Object.keys(EXPORTS));
  const modules = [...modulesWithExamples("lib")];
  for (const module of Object.values(EXPORTS)) assert(modules.includes(module), module);
});

Deno.test("the examples in docstrings compile and run", async () => {
  const modules = [...modulesWithExamples("lib")];
  const { code, output } = await deno("test", "--doc", "--quiet", "--allow-read", ...modules);
  assertEquals(code, 0, output);
  const passed = Number(/^ok \| ([0-9]+) passed/m.exec(output)?.[1]);
  assert(passed >= MIN_EXAMPLES, output);
});
