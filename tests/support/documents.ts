/**
 * What can be checked in the project's documents: links, commands and their flags, TypeScript
 * examples.
 *
 * @module
 */

/** A document: its path from the project's folder, and its text. */
export interface Document {
  readonly path: string;
  readonly text: string;
}

/** Returns the README, the other documents beside it, and those of `docs/` and `examples/`. */
export function readDocuments(): Document[] {
  const beside = [...Deno.readDirSync(".")].map(({ name }) => name);
  const paths = [
    ...beside.filter((name) => name.endsWith(".md")),
    ...documentsIn("docs"),
    ...documentsIn("examples"),
  ];
  return paths.toSorted().map((path) => ({ path, text: Deno.readTextFileSync(path) }));
}

function* documentsIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* documentsIn(`${folder}/${name}`);
    else if (name.endsWith(".md")) yield `${folder}/${name}`;
  }
}

/** Returns a document's relative links that have no target, or no such heading in it. */
export function deadLinks({ path, text }: Document): string[] {
  const links = [...withoutCode(text).matchAll(/\]\(((?!https?:)[^)\s]+)\)/g)];
  return links.map(([, link = ""]) => link).filter((link) => {
    const [file = "", anchor] = link.split("#");
    if (file === "") return !anchorsOf(text).includes(anchor ?? "");
    const target = new URL(file, `file:///${path}`).pathname.slice(1);
    if (!exists(target)) return true;
    return anchor !== undefined && !anchorsOf(Deno.readTextFileSync(target)).includes(anchor);
  });
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Returns the anchors that GitHub gives to the headings of a text. */
function anchorsOf(markdown: string): string[] {
  const anchors: string[] = [];
  for (const [, heading = ""] of withoutFences(markdown).matchAll(/^#+ (.*)$/gm)) {
    const anchor = heading.toLowerCase().replace(/[^\w\- ]/g, "").replace(/ /g, "-");
    const earlier = anchors.filter((other) => other.replace(/-\d+$/, "") === anchor).length;
    anchors.push(earlier === 0 ? anchor : `${anchor}-${earlier}`);
  }
  return anchors;
}

function withoutFences(markdown: string): string {
  return markdown.replace(/^```[\s\S]*?^```/gm, "");
}

function withoutCode(markdown: string): string {
  return withoutFences(markdown).replace(/`[^`\n]*`/g, "");
}

/** A command of a document: a task of `deno.json` and its arguments, without those of nodes. */
export interface Command {
  readonly task: string;
  readonly args: readonly string[];
}

/** Returns each `deno task` in a document's code. */
export function commandsOf({ text }: Document): Command[] {
  const joined = text.replaceAll(/\\\n\s*/g, "").replaceAll("\\|", " ");
  const commands = joined.matchAll(/deno(?:@[\d.]+)? task ([a-z][^`\n|)]*)/g);
  return [...commands].map(([, line = ""]) => {
    const [words = ""] = line.replace(/\s#.*/, "").split(" -- ");
    const [task = "", ...args] = words.trim().split(/\s+/);
    return { task: task.replace(/[,.]$/, ""), args };
  });
}

/** Returns the TypeScript examples of a document, in order. */
export function typescriptOf({ text }: Document): string[] {
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code = ""]) => code);
}
