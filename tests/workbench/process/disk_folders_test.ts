import { assertEquals, assertThrows } from "std/testing";
import { DiskFolders } from "../../../lib/workbench/process/disk_folders.ts";
import { inTemporaryFolder } from "../../support/in_temporary_folder.ts";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("a node's folder has a folder for storage, and keeps its files when the node restarts", async () => {
  await inTemporaryFolder((parent) => {
    const disks = new DiskFolders(() => `${parent}/disks`);
    const folder = disks.make("n0");
    assertEquals(folder, `${parent}/disks/n0`);
    assertEquals(namesIn(folder), ["storage"]);
    Deno.writeTextFileSync(`${folder}/storage/log`, "x");
    assertEquals(disks.make("n0"), folder);
    assertEquals(Deno.readTextFileSync(`${folder}/storage/log`), "x");
    assertEquals(disks.make("n1"), `${parent}/disks/n1`);
  });
});

Deno.test("a given folder is made when the first node starts, and once", async () => {
  await inTemporaryFolder((parent) => {
    let calls = 0;
    const disks = new DiskFolders(() => `${parent}/${++calls}`);
    assertEquals(calls, 0);
    for (const id of ["n0", "n1"]) disks.make(id);
    assertEquals(namesIn(parent), ["1"]);
    assertEquals(namesIn(`${parent}/1`), ["n0", "n1"]);
  });
});

Deno.test("a given folder keeps what nodes left there, and nothing that is empty", async () => {
  await inTemporaryFolder((parent) => {
    const disks = new DiskFolders(() => `${parent}/disks`);
    for (const id of ["n0", "n1", "n2", "n3"]) disks.make(id);
    Deno.writeTextFileSync(`${parent}/disks/n1/storage/log`, "x");
    Deno.writeTextFileSync(`${parent}/disks/n2/notes`, "x");
    Deno.removeSync(`${parent}/disks/n3`, { recursive: true });
    disks.close();
    assertEquals(namesIn(`${parent}/disks`), ["n1", "n2"]);
    assertEquals(namesIn(`${parent}/disks/n1`), ["storage"]);
    assertEquals(namesIn(`${parent}/disks/n2`), ["notes"]);
  });
});

Deno.test("a given folder in which no node left anything is removed", async () => {
  await inTemporaryFolder((parent) => {
    const disks = new DiskFolders(() => `${parent}/disks`);
    for (const id of ["n0", "n1"]) disks.make(id);
    disks.close();
    assertEquals(namesIn(parent), []);
  });
});

Deno.test("a temporary folder is removed with what nodes left there", () => {
  const disks = new DiskFolders();
  const folder = disks.make("n0");
  assertEquals(disks.make("n1").replace(/n1$/, "n0"), folder, "all nodes have the same parent");
  Deno.writeTextFileSync(`${folder}/storage/log`, "x");
  disks.close();
  assertThrows(() => Deno.statSync(`${folder}/..`), Deno.errors.NotFound);
});

Deno.test("without a node there is no folder", () => {
  let isMade = false;
  const disks = new DiskFolders(() => {
    isMade = true;
    return "no/such/folder";
  });
  disks.close();
  new DiskFolders().close();
  assertEquals(isMade, false);
});
