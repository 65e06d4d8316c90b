import { assertEquals } from "std/testing";
import { isBelow } from "../../../tasks/cli/users_folder.ts";

Deno.test("isBelow accepts a folder and what is in it, and no folder beside it", () => {
  for (const path of ["/a/b", "/a/b/c", "/a/b/..c", "/a/b/c/../d"]) {
    assertEquals(isBelow(path, "/a/b"), true, path);
  }
  for (const path of ["/a", "/a/bc", "/", "/a/b/../c"]) assertEquals(isBelow(path, "/a/b"), false);
});
