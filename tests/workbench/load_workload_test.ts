import { assertEquals, assertRejects, assertStringIncludes } from "std/testing";
import { UsageError } from "../../lib/base/mod.ts";
import { findOrLoadWorkload, loadWorkload } from "../../lib/workbench/load_workload.ts";
import { type Workload, workloads } from "../../lib/workload/mod.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const MEMBERS = {
  name: '"lock"',
  summary: '"a lock"',
  generator: "() => ({ next: () => undefined })",
  client: "() => ({})",
  check: '() => ({ "valid?": true })',
};

/** Returns the text of a module whose default export is an object with these members. */
function moduleOf(members: Readonly<Record<string, string>>): string {
  const fields = Object.entries(members).map(([name, value]) => `${name}: ${value}`);
  return `export default { ${fields.join(", ")} };`;
}

/** Loads a workload from the text of a module. */
async function load(text: string): Promise<Workload> {
  let workload: Workload | undefined;
  await inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/lock.ts`, text);
    workload = await loadWorkload(`${folder}/lock.ts`);
  });
  return workload as Workload;
}

/** Returns the problem of a module, without its path. */
async function problemOf(text: string): Promise<string> {
  const { message } = await assertRejects(() => load(text), UsageError);
  return message.replace(/^--workload \S*lock\.ts:? /, "");
}

Deno.test("a workload is one of Maelstrom's by its name, or the default export of a module", async () => {
  assertEquals(await findOrLoadWorkload("echo"), workloads.echo);
  await inTemporaryFolder(async (folder) => {
    Deno.writeTextFileSync(`${folder}/lock.ts`, moduleOf(MEMBERS));
    const { name, summary, check } = await findOrLoadWorkload(`${folder}/lock.ts`);
    assertEquals([name, summary], ["lock", "a lock"]);
    assertEquals(check([], {} as Parameters<typeof check>[1]), { "valid?": true });
  });
});

Deno.test("an unknown name is an error that lists the known ones, and how to give a module", async () => {
  const { message } = await assertRejects(() => findOrLoadWorkload("ecko"), UsageError);
  assertStringIncludes(message, 'unknown workload "ecko"; choose one of echo, ');
  assertStringIncludes(message, ", txn-rw-register, ");
  assertStringIncludes(message, "or give the path of a module that exports a workload");
});

Deno.test("a missing file, a folder, and a module that throws are errors with the path", async () => {
  await inTemporaryFolder(async (folder) => {
    await assertRejects(
      () => findOrLoadWorkload(`${folder}/none.ts`),
      UsageError,
      `--workload ${folder}/none.ts: file not found (working directory ${Deno.cwd()})`,
    );
    await assertRejects(
      () => findOrLoadWorkload(`${folder}/`),
      UsageError,
      `--workload ${folder}/ is a folder; give a module`,
    );
    await assertRejects(() => findOrLoadWorkload("none.ts"), UsageError, "none.ts: file not found");
  });
  assertStringIncludes(
    await problemOf('throw new Error("planted");'),
    "cannot be imported: planted\n    at file:",
  );
});

Deno.test("a module without a default export is an error that says how to add one", async () => {
  assertEquals(
    await problemOf("export const other = 1;"),
    "has no default export; add one that is a Workload",
  );
  assertEquals(
    await problemOf(`export const a = 1;${moduleOf(MEMBERS).replace("default", "const lock =")}`),
    "has no default export; add: export default lock;",
  );
});

Deno.test("a default export that is not a workload is an error that names the member", async () => {
  const expected = "its default export is not a Workload: ";
  const all = "expected an object with name, summary, generator, client, check, got ";
  assertEquals(await problemOf("export default 7;"), `${expected}${all}7`);
  assertEquals(await problemOf("export default null;"), `${expected}${all}null`);
  assertEquals(await problemOf("export default () => {};"), `${expected}${all}a function`);
  for (const missing of Object.keys(MEMBERS)) {
    const rest = Object.fromEntries(Object.entries(MEMBERS).filter(([name]) => name !== missing));
    const type = ["name", "summary"].includes(missing) ? "string" : "function";
    assertEquals(await problemOf(moduleOf(rest)), `${expected}it has no ${missing}, a ${type}`);
  }
  const wrong = async (members: Readonly<Record<string, string>>) =>
    (await problemOf(moduleOf({ ...MEMBERS, ...members }))).replace(expected, "");
  assertEquals(await wrong({ check: "7" }), "its check must be a function, got number");
  assertEquals(await wrong({ setUp: "true" }), "its setUp must be a function, got boolean");
  assertEquals(
    await wrong({ reusesClients: "1" }),
    "its reusesClients must be a boolean, got number",
  );
  assertEquals(
    await wrong({ mayNeverSucceed: "{}" }),
    "its mayNeverSucceed must be an array, got object",
  );
  assertEquals(await wrong({ reads: "[]" }), "its reads must be an object, got object");
});

Deno.test("all members of a workload are accepted, and its name must fit a folder's", async () => {
  const more = {
    defaults: "() => ({})",
    problem: "() => undefined",
    finalGenerator: "() => ({ next: () => undefined })",
    setUp: "async () => {}",
    clientTimeoutMs: "() => 7",
    reusesClients: "true",
    mayNeverSucceed: '["crash"]',
    reads: "{ isRead: () => false }",
  };
  assertEquals((await load(moduleOf({ ...MEMBERS, ...more }))).mayNeverSucceed, ["crash"]);
  for (const name of ["lock", "a.b-c_1", "7"]) {
    assertEquals((await load(moduleOf({ ...MEMBERS, name: JSON.stringify(name) }))).name, name);
  }
  for (const name of ["", "a/b", "..", "a b", "lock."]) {
    assertStringIncludes(
      await problemOf(moduleOf({ ...MEMBERS, name: JSON.stringify(name) })),
      `its name must consist of letters, digits, -, _ and ., got "${name}"`,
    );
  }
});
