/**
 * Temporary folders for tests.
 *
 * @module
 */

/** Runs a test with a new folder, and removes the folder afterwards, also if the test fails. */
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
