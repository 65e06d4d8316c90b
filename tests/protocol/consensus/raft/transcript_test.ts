/**
 * Plays the transcripts of this folder. `REWRITE_RAFT=1` lets the test write them.
 *
 * @module
 */

import { assertEquals } from "std/testing";
import { rewritten } from "./transcript.ts";

for (const name of ["figure7", "figure8d", "figure8e"]) {
  Deno.test(`transcript ${name}`, () => {
    const path = `${import.meta.dirname}/${name}.txt`;
    const text = Deno.readTextFileSync(path);
    const shown = rewritten(`${name}.txt`, text);
    if (Deno.env.get("REWRITE_RAFT") === "1") Deno.writeTextFileSync(path, shown);
    else assertEquals(shown, text);
  });
}
