import { assert, assertEquals } from "std/testing";
import {
  checkListAppend,
  checkRwRegister,
  type CycleEvidence,
  type TransactionalVerdict,
} from "../../lib/check/txn/mod.ts";
import { maelstromValid } from "../../lib/check/mod.ts";
import { decodeHistoryEdn, type History } from "../../lib/history/mod.ts";
import { readVector, smallVectors, vectorNames } from "./simple_vectors.ts";

type Fields = Readonly<Record<string, unknown>>;

const directory = new URL("./vectors/", import.meta.url);
/**
 * Where reads of a key contradict each other and the two longest are of one length, Elle believes
 * that which comes last in a hash set. In a run that order is ours too; when these two histories were
 * given to Elle again for `models.json`, it was another one.
 */
const otherOrderWhenRechecked: readonly string[] = [
  "txn-list-append-async",
  "txn-list-append-shortened-rc",
];

/** Keys of `models.json`. */
interface Recorded {
  readonly valid: unknown;
  readonly anomalies: readonly string[];
  readonly not?: readonly string[];
  readonly alsoNot?: readonly string[];
}

for (const name of vectorNames(/^txn-/)) {
  const { fault, workload, flags, history, results } = readVector(name);
  const models = String(flags["consistency-models"] ?? "strict-serializable").split(",");
  const recorded = results?.["workload"] as Fields;

  Deno.test(`${name} (${fault}) is judged as by Maelstrom, cycle by cycle`, () => {
    const verdict = judge(workload, history, models);
    const maelstrom = maelstromsView(verdict);
    assertEquals(maelstromValid(verdict), recorded["valid?"]);
    assertEquals(maelstrom["anomaly-types"] ?? [], recorded["anomaly-types"] ?? []);
    for (const field of ["not", "also-not"] as const) {
      assertEquals(maelstrom[field] ?? [], [...(recorded[field] ?? []) as string[]].sort());
    }
    assertSameCycles(maelstrom, (recorded["anomalies"] ?? {}) as Fields);
  });

  if (otherOrderWhenRechecked.includes(name)) continue;
  Deno.test(`${name}: every model is judged as by Elle`, () => {
    const text = Deno.readTextFileSync(new URL(`${name}/models.json`, directory));
    for (const [model, recorded] of Object.entries<Recorded>(JSON.parse(text))) {
      const verdict = maelstromsView(judge(workload, history, [model]));
      assertEquals(verdict["valid?"], recorded.valid, model);
      assertEquals(verdict.not ?? [], recorded.not ?? [], model);
      assertEquals(verdict["also-not"] ?? [], recorded.alsoNot ?? [], model);
      const ours = verdict["anomaly-types"] ?? [];
      // How far a search comes within a second depends on the machine.
      const gaveUp = recorded.anomalies.includes("cycle-search-timeout");
      assertEquals(ours.includes("cycle-search-timeout"), gaveUp, model);
      if (!gaveUp) assertEquals(ours, recorded.anomalies, model);
    }
  });
}

Deno.test("what ours says and Maelstrom's does not has a name of its own", () => {
  const { history } = readVector("txn-rw-register-phantom-ru");
  const verdict = checkRwRegister(history, { consistencyModels: ["read-uncommitted"] });
  assertEquals(verdict["valid?"], false);
  assertEquals(verdict["anomaly-types"], ["phantom-read"]);
  assertEquals(verdict["maelstrom-valid?"], true);
});

for (const workload of ["list-append", "rw-register"]) {
  Deno.test(`small/${workload}.jsonl: every model is judged as by Elle`, () => {
    const seen = new Set<unknown>();
    for (const { id, history, verdict } of smallVectors(`${workload}.jsonl`)) {
      const decoded = decodeHistoryEdn(history.join("\n"), id);
      for (const [model, recorded] of Object.entries(verdict as Fields)) {
        const ours = maelstromsView(judge(`txn-${workload}`, decoded, [model]));
        assertEquals([ours["valid?"], ours["anomaly-types"] ?? []], recorded, `${id} ${model}`);
        for (const type of ours["anomaly-types"] ?? []) seen.add(type);
      }
    }
    assert(seen.size > 10, [...seen].join(" "));
  });
}

function judge(
  workload: string,
  history: History,
  consistencyModels: readonly string[],
): TransactionalVerdict {
  const check = workload === "txn-list-append" ? checkListAppend : checkRwRegister;
  return check(history, { consistencyModels });
}

function maelstromsView(verdict: TransactionalVerdict): TransactionalVerdict {
  return verdict.maelstrom ?? verdict;
}

/** We find as many cycles, and show the same ones. */
function assertSameCycles(ours: TransactionalVerdict, recorded: Fields): void {
  for (const [type, cases] of Object.entries(recorded)) {
    if (!Array.isArray(cases) || cases[0]?.cycle === undefined) continue;
    assertEquals(ours["anomaly-counts"]?.[type], cases.length, type);
    const theirs = cases.map(({ cycle }) =>
      (cycle as { index: number }[]).map(({ index }) => index).join(" ")
    );
    for (const { cycle } of (ours.anomalies?.[type] ?? []) as unknown as CycleEvidence[]) {
      assert(theirs.includes(cycle.join(" ")), `${type} ${cycle.join(" ")}`);
    }
  }
}
