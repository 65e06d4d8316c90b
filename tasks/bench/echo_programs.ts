/**
 * The echo programs that {@link file://./../bench_node.ts} measures: this project's node and
 * baselines.
 *
 * @module
 */

/** An echo program. */
export interface EchoProgram {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether the program copies its input, so that its replies cannot be checked. */
  readonly onlyCopies?: boolean;
}

const DENO = [Deno.execPath(), "run", "--quiet"];

/** This project's node, the subject of the benchmark. */
export const SUBJECT: EchoProgram = { name: "nodes/echo.ts", command: [...DENO, "nodes/echo.ts"] };

const TEXT_LINES = [...DENO, "tasks/bench/text_line_echo.ts"];

const DENO_BASELINES: readonly EchoProgram[] = [
  { name: "TextLineStream, write per line", command: TEXT_LINES },
  { name: "TextLineStream, batched writes", command: [...TEXT_LINES, "batched"] },
];

/** The upper bound that pipes and load generator allow. */
const COPYING_BASELINE: EchoProgram = {
  name: "cat (copies its input)",
  command: ["cat"],
  onlyCopies: true,
};

/** Returns the baselines that run on this machine, and the reasons why others do not. */
export async function findBaselines(
  maelstrom: string,
  folder: string,
): Promise<{ readonly baselines: readonly EchoProgram[]; readonly missing: readonly string[] }> {
  const peers = [...DENO_BASELINES];
  const missing: string[] = [];
  const demo = `${maelstrom}/demo/js/echo.js`;
  if (await exists(demo) && await runs("node", ["--version"])) {
    peers.push({ name: "Maelstrom's JavaScript demo", command: ["node", demo] });
  } else {
    missing.push(`Maelstrom's JavaScript demo: needs node and ${demo}`);
  }
  const library = `${maelstrom}/demo/go`;
  const binary = `${folder}/go-echo`;
  const build = ["build", "-o", binary, "./cmd/maelstrom-echo"];
  if (await exists(`${library}/go.mod`) && await runs("go", build, library)) {
    peers.push({ name: "Maelstrom's Go library", command: [binary] });
  } else {
    missing.push(`Maelstrom's Go library: needs go and ${library}`);
  }
  return { baselines: [...peers, COPYING_BASELINE], missing };
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function runs(program: string, args: string[], cwd = "."): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(program, { args, cwd, stdout: "null" }).output();
    return success;
  } catch {
    return false;
  }
}
