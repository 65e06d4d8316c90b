/**
 * Programs of further compilers: Rust, C++, and versions of Go beside the one in the PATH.
 *
 * @module
 */

import { existsSync } from "node:fs";
import { assert, assertEquals } from "std/testing";
import { checkDeterminism, loadAnyProgram, simulate } from "../../lib/workbench/sim/mod.ts";
import { type Workload, workloads } from "../../lib/workload/mod.ts";
import { buildGoWasm } from "../support/build_go.ts";
import { buildRust, canBuildRust } from "../support/build_rust.ts";
import { inTemporaryFolder } from "../support/in_temporary_folder.ts";

const OPTIONS = {
  nodes: 3,
  timeLimitSeconds: 4,
  ratePerSecond: 20,
  faults: ["partition", "loss", "pause", "skew", "kill"],
  nemesisIntervalSeconds: 1,
  seed: 3,
};

/** Asserts that a program is simulated, the same each time, and that its runs are valid. */
async function assertSimulated(path: string, workload: Workload, glue?: string): Promise<void> {
  const program = await loadAnyProgram({ path, ...(glue === undefined ? {} : { glue }) });
  assertEquals((await checkDeterminism(program, workload, OPTIONS)).differences, []);
  const run = await simulate(program, workload, { ...OPTIONS, faults: ["partition", "loss"] });
  assertEquals(run.results["valid?"], true);
  assert(run.history.length > 40);
}

function defineTest(name: string, missing: string | undefined, fn: () => Promise<void>): void {
  const ignore = missing !== undefined;
  Deno.test({ name: ignore ? `${name} (skipped: ${missing})` : name, ignore, fn });
}

defineTest(
  "the echo node in Rust is simulated, the same each time",
  canBuildRust() ? undefined : "no Rust compiler builds for WASI",
  () =>
    inTemporaryFolder(async (folder) => {
      await assertSimulated(
        await buildRust("examples/rust/echo.rs", "wasi", folder),
        workloads.echo,
      );
    }),
);

const CPP_HEADERS = "/usr/lib/llvm-14/include/wasm32-wasi/c++/v1";

defineTest(
  "an echo node in C++ is simulated, the same each time",
  existsSync(`${CPP_HEADERS}/iostream`) ? undefined : "Debian's libc++-14-dev-wasm32 is missing",
  () =>
    inTemporaryFolder(async (folder) => {
      const path = `${folder}/echo.wasm`;
      const target = ["--target=wasm32-wasi", "--sysroot=/usr", "-nostdinc++", `-I${CPP_HEADERS}`];
      const { success, stderr } = await new Deno.Command("clang++", {
        args: [...target, "-fno-exceptions", "-O2", "-o", path, "tests/support/echo.cc"],
      }).output();
      assert(success, new TextDecoder().decode(stderr));
      await assertSimulated(path, workloads.echo);
    }),
);

/** Where Debian's packages golang-1.N-go are installed. */
const PARENT = "/usr/lib";

/** Returns the folders of the versions of Go that import `gojs`: 1.21 and later. */
function newerGos(): string[] {
  try {
    return [...Deno.readDirSync(PARENT)].map(({ name }) => name).filter((name) =>
      Number(/^go-1\.(\d+)$/.exec(name)?.[1] ?? 0) >= 21
    ).map((name) => `${PARENT}/${name}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

const gos = newerGos();

defineTest(
  "the broadcast node in Go is simulated with newer versions of Go, also for WASI, the same each time",
  gos.length > 0 ? undefined : "no Go since 1.21 is below /usr/lib",
  async () => {
    for (const root of gos) {
      await inTemporaryFolder(async (folder) => {
        const build = (system: "js" | "wasip1") =>
          buildGoWasm("./broadcast", folder, "examples/go", `${root}/bin/go`, system);
        const glue = `${root}/misc/wasm/wasm_exec.js`;
        await assertSimulated(await build("js"), workloads.broadcast, glue);
        await assertSimulated(await build("wasip1"), workloads.broadcast);
      });
    }
  },
);
