/**
 * A folder for one test.
 *
 * @module
 */

/** Runs a test in a new folder, which is removed after it, however it went. */
export async function inTemporaryFolder(
  test: (folder: string) => void | Promise<void>,
  prefix = "",
): Promise<void> {
  const folder = await Deno.realPath(await Deno.makeTempDir({ prefix }));
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
