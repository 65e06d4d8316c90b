/**
 * Programs that a simulation must contain, as the text of their modules.
 *
 * @module
 */

/** A program and what a simulation of it shows. */
export interface JudgedProgram {
  /** Completes the sentence "The node …". */
  readonly name: string;
  readonly workload: "echo" | "unique-ids" | "broadcast";
  /** The statements before the program's function, and those in it. */
  readonly top?: string;
  readonly body: string;
  /** The expected verdict; invalid by default. */
  readonly valid?: boolean;
}

const reply = "return { type: 'echo_ok', echo };";

/** The programs. */
export const PROGRAMS: readonly JudgedProgram[] = [
  {
    name: "keeps its state at the top level of its module, and sends nothing",
    workload: "broadcast",
    top: "const seen = new Set<unknown>();",
    body: `node.on("topology", () => ({ type: "topology_ok" }));
  node.on("broadcast", ({ message }) => {
    seen.add(message);
    return { type: "broadcast_ok" };
  });
  node.on("read", () => ({ type: "read_ok", messages: [...seen] }));`,
  },
  {
    name: "writes a file when its module is loaded",
    workload: "echo",
    top: 'try { Deno.writeTextFileSync("FILE", "x"); } catch { /* refused */ }',
    body: `node.on("echo", ({ echo }) => { ${reply} });`,
  },
  {
    name: "writes a file for a request",
    workload: "echo",
    body: `node.on("echo", ({ echo }) => {
    try { Deno.writeTextFileSync("FILE", "x"); } catch { /* refused */ }
    ${reply}
  });`,
  },
  {
    name: "runs a program for a request",
    workload: "echo",
    body: `node.on("echo", ({ echo }) => {
    try { new Deno.Command("touch", { args: ["FILE"] }).outputSync(); } catch { /* refused */ }
    ${reply}
  });`,
  },
  {
    name: "does not end a loop",
    workload: "echo",
    body: `node.on("echo", ({ echo }) => {
    if (String(echo).endsWith("7")) for (;;);
    ${reply}
  });`,
  },
  {
    name: "does not end a loop of promises",
    workload: "echo",
    body: `node.on("echo", async ({ echo }) => {
    if (String(echo).endsWith("7")) for (;;) await null;
    ${reply}
  });`,
  },
  {
    name: "returns control characters",
    workload: "unique-ids",
    body: `let id = 0;
  node.on("generate", () => ({ type: "generate_ok", id: "\\x1b[2J" + node.id + id++ }));`,
    valid: true,
  },
];
