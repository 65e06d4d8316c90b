import { assertEquals } from "std/testing";
import {
  compareSeverity,
  impliedAnomalies,
  specialCasesOf,
} from "../../../lib/check/txn/anomalies.ts";

const implied = (name: string) => [...impliedAnomalies([name])].sort();

Deno.test("a cycle is also one of the wider kinds, and one that may need process or real time", () => {
  const inVariants = (...names: string[]) =>
    names.flatMap((name) => [name, `${name}-process`, `${name}-realtime`]).sort();
  assertEquals(implied("G0"), inVariants("G0", "G1", "G1c"));
  assertEquals(
    implied("G1c-process"),
    ["G1-process", "G1-realtime", "G1c-process", "G1c-realtime"],
  );
  assertEquals(implied("G1c-realtime"), ["G1-realtime", "G1c-realtime"]);
  assertEquals(
    implied("G-nonadjacent-item"),
    inVariants("G-nonadjacent", "G-nonadjacent-item", "G2", "G2-item"),
  );
});

Deno.test("anomalies of reads and updates imply those that they are examples of", () => {
  assertEquals(implied("G1a"), ["G1", "G1-process", "G1-realtime", "G1a"]);
  assertEquals(implied("internal-after-null"), ["internal", "internal-after-null"]);
  assertEquals(impliedAnomalies(["lost-update"]).has("G2-item"), true);
  assertEquals(impliedAnomalies(["G-single"]).has("GSI"), true);
  assertEquals([...specialCasesOf(["G1a"])].sort(), ["G1a", "dirty-update", "incompatible-order"]);
});

Deno.test("cycles are searched in Elle's order of severity, equal ones by name", () => {
  const data = ["G0", "G-single-item", "G1c", "G-nonadjacent-item", "G2-item"];
  const all = data.flatMap((name) => [name, `${name}-process`, `${name}-realtime`]);
  assertEquals(all.sort(compareSeverity), [
    "G-single-item",
    "G0",
    "G-nonadjacent-item",
    "G-single-item-process",
    "G1c",
    "G-nonadjacent-item-process",
    "G-single-item-realtime",
    "G2-item",
    "G-nonadjacent-item-realtime",
    "G0-process",
    "G1c-process",
    "G2-item-process",
    "G0-realtime",
    "G1c-realtime",
    "G2-item-realtime",
  ]);
});
