/**
 * The echo nodes that {@link file://./../bench_node.ts} measures: ours, and others of the same work.
 *
 * @module
 */

/** A program that echoes. */
export interface EchoProgram {
  readonly name: string;
  readonly command: readonly string[];
  /** Whether it only copies what it reads, and so neither answers nor can be checked. */
  readonly onlyCopies?: boolean;
}

const DENO = [Deno.execPath(), "run", "--quiet"];

/** Ours, which the others are compared with. */
export const SUBJECT: EchoProgram = { name: "nodes/echo.ts", command: [...DENO, "nodes/echo.ts"] };

const TEXT_LINES = [...DENO, "tasks/bench/text_line_echo.ts"];

const DENO_BASELINES: readonly EchoProgram[] = [
  { name: "TextLineStream, a write a line", command: TEXT_LINES },
  { name: "TextLineStream, writes gathered", command: [...TEXT_LINES, "gathered"] },
];

/** What the pipes and the load itself allow. */
const COPYING_BASELINE: EchoProgram = {
  name: "cat, which only copies",
  command: ["cat"],
  onlyCopies: true,
};

/** The programs to compare with: those that can be run here, and why the others cannot. */
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
    missing.push(`Maelstrom's JavaScript demo needs node and ${demo}`);
  }
  const library = `${maelstrom}/demo/go`;
  const binary = `${folder}/go-echo`;
  const build = ["build", "-o", binary, "./cmd/maelstrom-echo"];
  if (await exists(`${library}/go.mod`) && await runs("go", build, library)) {
    peers.push({ name: "Maelstrom's Go library", command: [binary] });
  } else {
    missing.push(`Maelstrom's Go library needs go and ${library}`);
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
