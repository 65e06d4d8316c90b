import { assertEquals } from "std/testing";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";
import { assertBroadcastsUnderPartition, assertEchoes, testWith } from "../support/run_example.ts";

/** Compiles one of the Go programs into a folder, and returns the path of the result. */
async function build(name: string, folder: string): Promise<string> {
  const { code, stderr } = await new Deno.Command("go", {
    args: ["build", "-o", `${folder}/${name}`, `./${name}`],
    cwd: "examples/go",
    env: { GOCACHE: `${folder}/cache`, GOFLAGS: "-mod=mod" },
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  return `${folder}/${name}`;
}

testWith("go", "the echo node in Go is valid", async () => {
  await inTemporaryFolder(async (folder) => assertEchoes(await build("echo", folder)));
});

testWith("go", "the broadcast node in Go loses no value under a partition", async () => {
  await inTemporaryFolder(async (folder) =>
    assertBroadcastsUnderPartition(await build("broadcast", folder))
  );
});
