/**
 * Plays every transcript of this folder and compares what it shows with what stands in the file,
 * exactly; and shows that a transcript can fail.
 *
 * @module
 */

import { assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { play } from "./play.ts";
import { pathOf, transcriptNames } from "./rewrite.ts";
import { describeDifferences, ScriptError, withOutput } from "./script.ts";

const HOW = "If this is as it should be, `deno task transcripts` rewrites the files.";

async function differences(file: string, text: string): Promise<string | undefined> {
  const { steps, outputs } = await play(file, text);
  return describeDifferences(file, steps, outputs);
}

for (const name of transcriptNames()) {
  Deno.test(`transcript ${name}`, async () => {
    const found = await differences(
      `tests/transcripts/${name}`,
      Deno.readTextFileSync(pathOf(name)),
    );
    if (found !== undefined) throw new Error(`The output is another one.\n${found}\n${HOW}`);
  });
}

const FIRST = pathOf(transcriptNames()[0] as string);

Deno.test("a transcript with a wrong expectation fails, and names the line", async () => {
  const lines = Deno.readTextFileSync(FIRST).split("\n");
  const at = lines.findIndex((line, index) =>
    line.startsWith(" ") && lines[index - 1]?.[0] !== " "
  );
  const right = lines[at] as string;
  lines[at] = `${right} wrong`;
  const command = lines[at - 1];
  const found = await differences("a.txt", lines.join("\n"));
  assertEquals(found?.split("\n").slice(0, 3), [
    `a.txt:${at}: ${command}`,
    ` - ${right} wrong`,
    ` + ${right}`,
  ]);
});

Deno.test("rewriting puts output in its place, twice the same, and keeps all else", async () => {
  const text = Deno.readTextFileSync(FIRST);
  const bare = text.split("\n").filter((line) => !line.startsWith(" ")).join("\n");
  for (let time = 0; time < 2; time++) {
    assertEquals(withOutput(bare, (await play("a.txt", bare)).outputs), text);
  }
});

Deno.test("an invalid transcript is rejected with file and line", async () => {
  const head = "program broadcast\nnodes 3\n";
  const cases: readonly (readonly [string, string])[] = [
    ["nodes 3\n", "a.txt:1: there is no 'program NAME'"],
    ["program nothing\nnodes 3\n", "a.txt:2: there is no program nothing; there are broadcast"],
    ["program broadcast\n", "a.txt: there is no 'nodes COUNT'"],
    ["program broadcast\nnodes many\n", "a.txt:2: 'many' must be a positive integer"],
    ["program broadcast\nrun 1\nnodes 3\n", "a.txt:2: 'run 1' cannot come before"],
    ["program broadcast --strategy no\nnodes 3\n", "a.txt:2: Node n0 ended with exit status"],
    ["  output\n", "a.txt:1: output stands directly below its command"],
    [`${head}\ndance n0\n`, "a.txt:4: there is no command 'dance'; there are add, "],
    [`${head}run\n`, "a.txt:3: 'run' is not of the form: run MILLISECONDS [quiet]"],
    [`${head}broadcast n0 {\n`, "a.txt:3: 'broadcast n0 {' is not of the form: broadcast NODE"],
    [`${head}read n7\n`, "a.txt:3: there is no node 'n7'; there are n0, n1, n2"],
    [`${head}restart n1\n`, "a.txt:3: 'restart n1' is not of the form: restart NODE"],
    [`${head}topology round\n`, "a.txt:3: 'topology round' is not of the form: topology line|"],
  ];
  for (const [text, message] of cases) {
    const error = await assertRejects(() => play("a.txt", text), ScriptError);
    assertStringIncludes(error.message, message);
  }
});
