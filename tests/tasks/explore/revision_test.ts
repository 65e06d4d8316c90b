import { assertEquals, assertNotEquals } from "std/testing";
import { readCommit, readRevision } from "../../../tasks/explore/revision.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";

const COMMITS = ["a", "b", "c"].map((digit) => digit.repeat(40));

Deno.test("the commit is read from a detached head, a branch, packed references and a worktree", () =>
  inTemporaryFolder((folder) => {
    const write = (path: string, text: string) => {
      Deno.mkdirSync(`${folder}/${path}/..`, { recursive: true });
      Deno.writeTextFileSync(`${folder}/${path}`, text);
    };
    assertEquals(readCommit(folder), undefined);
    Deno.mkdirSync(`${folder}/sub`);
    write(".git/HEAD", `${COMMITS[0]}\n`);
    assertEquals(readCommit(`${folder}/sub`), COMMITS[0]);
    write(".git/HEAD", "ref: refs/heads/main\n");
    write(".git/packed-refs", `# pack-refs\n${COMMITS[1]} refs/heads/main\n`);
    assertEquals(readCommit(folder), COMMITS[1]);
    Deno.mkdirSync(`${folder}/.git/refs/heads`, { recursive: true });
    write(".git/refs/heads/main", `${COMMITS[2]}\n`);
    assertEquals(readCommit(folder), COMMITS[2]);
    write("tree/.git", `gitdir: ${folder}/.git/worktrees/tree\n`);
    Deno.mkdirSync(`${folder}/.git/worktrees/tree`, { recursive: true });
    write(".git/worktrees/tree/HEAD", "ref: refs/heads/main\n");
    write(".git/worktrees/tree/commondir", "../..\n");
    assertEquals(readCommit(`${folder}/tree`), COMMITS[2]);
  }));

Deno.test("the digest changes with the node and what it imports, not with its folder or line ends", () =>
  inTemporaryFolder((folder) => {
    const write = (name: string, text: string) => {
      Deno.mkdirSync(`${folder}/${name}`, { recursive: true });
      Deno.writeTextFileSync(
        `${folder}/${name}/node.ts`,
        'import { a } from "./a.ts";\nexport default a;\n',
      );
      Deno.writeTextFileSync(`${folder}/${name}/a.ts`, text);
      return readRevision([`${folder}/${name}/node.ts`]).code;
    };
    const code = write("one", "export const a = 1;\n");
    assertEquals(write("two", "export const a = 1;\n"), code);
    assertEquals(write("windows", "export const a = 1;\r\n"), code);
    assertNotEquals(write("other", "export const a = 2;\n"), code);
    assertNotEquals(readRevision([`${folder}/one/a.ts`]).code, code);
  }));
