import { assertEquals, assertThrows } from "std/testing";
import { resolveImport } from "../../lib/workbench/import_map.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

/** Resolves a specifier in the module `src/main.ts` of a folder with a configuration. */
function resolveIn(folder: string, specifier: string): string {
  return resolveImport(specifier, `file://${folder}/src/main.ts`).replace(`file://${folder}`, "");
}

Deno.test("resolveImport uses the imports of the nearest configuration", async () => {
  await inTemporaryFolder((folder) => {
    const imports = {
      "exact": "./one.ts",
      "prefix/": "./lib/",
      "prefix/deep/": "./deep/",
      "remote": "https://example.com/mod.ts",
      "absolute": "/opt/mod.ts",
    };
    Deno.mkdirSync(`${folder}/src`);
    const text = `{\n  // names\n  "imports": ${JSON.stringify(imports)},\n}`;
    Deno.writeTextFileSync(`${folder}/deno.jsonc`, text);
    assertEquals(resolveIn(folder, "exact"), "/one.ts");
    assertEquals(resolveIn(folder, "prefix/a.ts"), "/lib/a.ts");
    assertEquals(resolveIn(folder, "prefix/deep/a.ts"), "/deep/a.ts");
    assertEquals(resolveIn(folder, "./b.ts"), "/src/b.ts");
    assertEquals(resolveIn(folder, "../c.ts"), "/c.ts");
    assertEquals(resolveIn(folder, "remote"), "https://example.com/mod.ts");
    assertEquals(resolveIn(folder, "absolute"), "file:///opt/mod.ts");
    assertEquals(resolveIn(folder, "fs"), "node:fs");
    assertEquals(resolveIn(folder, "node:fs"), "node:fs");
    assertThrows(() => resolveIn(folder, "exact/more"), TypeError, "exact/more");
    // A configuration nearer to the module replaces the other one.
    Deno.writeTextFileSync(`${folder}/src/deno.json`, "{}");
    assertThrows(() => resolveIn(folder, "exact"), TypeError, "exact");
  });
});

Deno.test("resolveImport uses scopes, of which the longest counts", async () => {
  await inTemporaryFolder((folder) => {
    const config = {
      imports: { x: "./x.ts" },
      scopes: { "./src/": { x: "./scoped.ts" }, "./": { x: "./wide.ts" }, "./other/": { x: "y" } },
    };
    Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(config));
    assertEquals(resolveIn(folder, "x"), "/scoped.ts");
  });
});

Deno.test("resolveImport reads the file that importMap names", async () => {
  await inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/deno.json`, '{ "importMap": "./maps/map.json" }');
    Deno.mkdirSync(`${folder}/maps`);
    Deno.writeTextFileSync(`${folder}/maps/map.json`, '{ "imports": { "x": "./x.ts" } }');
    assertEquals(resolveIn(folder, "x"), "/maps/x.ts");
  });
});

Deno.test("resolveImport gives names to the subpaths of a package", async () => {
  await inTemporaryFolder((folder) => {
    const config = { imports: { std: "npm:deno-std@1.4.0" } };
    Deno.writeTextFileSync(`${folder}/deno.json`, JSON.stringify(config));
    const url = resolveImport("std/cli/parse_args.js", `file://${folder}/main.ts`);
    assertEquals(/deno-std(@|\/)1\.4\.0\/cli\/parse_args\.js$/.test(url), true, url);
  });
});

Deno.test("resolveImport falls back to the workbench's own names", async () => {
  await inTemporaryFolder((folder) => {
    const url = new URL("../../lib/std/testing.ts", import.meta.url).href;
    assertEquals(resolveImport("std/testing", `file://${folder}/main.ts`), url);
  });
});

Deno.test("resolveImport names a configuration that is not valid", async () => {
  await inTemporaryFolder((folder) => {
    Deno.writeTextFileSync(`${folder}/deno.json`, "{ imports }");
    const message = `${folder}/deno.json is not valid`;
    assertThrows(() => resolveIn(folder, "x"), SyntaxError, message);
  });
});
