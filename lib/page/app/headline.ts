/**
 * The head of the page: the verdict in a word, and what ran.
 *
 * @module
 */

import { caveats } from "../../report/caveats.ts";
import type { RunData } from "../run_data.ts";
import { h } from "./dom.ts";
import { verdictWord } from "./verdict.ts";

/** Returns the head of the page of a run. */
export function headline(run: RunData): HTMLElement {
  const { options, results, nodes, bin, args, engine } = run;
  const { word, kind } = verdictWord(results["valid?"]);
  const latency = options.latency as { meanMs: number; distribution: string } | undefined;
  const nemesis = (options.nemesis ?? []) as string[];
  const facts = [
    `${nodes.length} ${nodes.length === 1 ? "node" : "nodes"}`,
    `${options.timeLimitSeconds} s`,
    `rate ${options.ratePerSecond}`,
    `concurrency ${options.concurrency}`,
    ...(latency === undefined || latency.meanMs === 0
      ? []
      : [`latency ${latency.meanMs} ms ${latency.distribution}`]),
    ...(nemesis.length === 0 ? [] : [`faults ${nemesis.join(", ")}`]),
    `engine ${engine}`,
    `seed ${options.seed}`,
  ];
  return h(
    "header",
    {},
    h("h1", {}, h("span", { class: kind }, word), `: ${options.workload ?? "a history"}`),
    h(
      "p",
      {},
      h("code", {}, [bin, ...args].join(" ")),
      h("span", { class: "dim" }, options.workload === undefined ? "" : ` · ${facts.join(" · ")}`),
    ),
    results["interrupted?"] === true
      ? h("p", { class: "unsure" }, "Interrupted: the results cover the history so far.")
      : undefined,
    ...caveats(results).map((text) => h("p", { class: "unsure" }, text)),
  );
}
