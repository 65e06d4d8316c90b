/**
 * The section that runs the simulation again, with another seed, faults or schedule.
 *
 * @module
 */

/// <reference lib="dom" />

import type { RunAgain, RunRequest } from "../again/run_again.ts";
import { dropReceivedBodies, type RunFiles } from "../run_files.ts";
import { button, h } from "./dom.ts";

/** What the form starts with. */
export interface AgainStart {
  readonly request: RunRequest;
  /** The files of the run that the page was made for, to compare with. */
  readonly recorded: RunFiles | undefined;
  /** The programs that can be chosen; without them the program stays. */
  readonly programs?: Readonly<Record<string, string>>;
}

/** Returns the section. `show` shows the files of a new run. */
export function againSection(
  { request, recorded, programs = {} }: AgainStart,
  load: () => Promise<RunAgain>,
  show: (files: RunFiles, request: RunRequest, note: string) => void,
  note = "",
): HTMLElement {
  const { options, args, schedule, bin } = request;
  const program = select("program", Object.keys(programs), bin);
  const inputs = {
    seed: field("seed", String(options.seed ?? "0")),
    nodes: field("nodes", String(options.nodes?.length ?? 5)),
    concurrency: field("workers", String(options.concurrency ?? "")),
    seconds: field("seconds", String(options.timeLimitSeconds ?? 10)),
    rate: field("operations a second", String(options.ratePerSecond ?? 10)),
    latency: field("latency in ms", String(options.latency?.meanMs ?? 0)),
    faults: field("faults", (options.nemesis ?? []).join(",")),
    interval: field("seconds between faults", String(options.nemesisIntervalSeconds ?? 10)),
    args: field("arguments of the nodes", args.join(" ")),
  };
  const scheduleText = h("textarea", { rows: "4", cols: "80", spellcheck: "false" });
  const textarea = scheduleText as HTMLTextAreaElement;
  textarea.value = schedule;
  const status = h("p", { role: "status" }, note);
  const value = (name: keyof typeof inputs) => inputs[name].input.value.trim();
  const collect = (): RunRequest => {
    const chosen = program?.select.value ?? bin;
    const count = Number(value("nodes"));
    const sameNodes = options.nodes?.length === count ? options.nodes : undefined;
    return {
      ...(request.case === undefined ? {} : { case: request.case }),
      bin: chosen,
      args: value("args").split(/\s+/).filter((word) => word !== ""),
      schedule: textarea.value,
      options: {
        ...options,
        workload: programs[chosen] ?? options.workload,
        seed: value("seed"),
        nodes: sameNodes ?? Array.from({ length: count }, (_, index) => `n${index}`),
        ...(value("concurrency") === "" ? {} : { concurrency: Number(value("concurrency")) }),
        timeLimitSeconds: Number(value("seconds")),
        ratePerSecond: Number(value("rate")),
        latency: {
          meanMs: Number(value("latency")),
          distribution: options.latency?.distribution ?? "constant",
        },
        nemesis: value("faults").split(",").map((name) => name.trim()).filter((name) =>
          name !== ""
        ),
        nemesisIntervalSeconds: Number(value("interval")),
      },
    };
  };
  const run = async () => {
    status.textContent = "Running …";
    try {
      const runAgain = await load();
      const next = collect();
      const startedMs = performance.now();
      const files = await runAgain(next);
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(2);
      show(files, next, `Ran in ${seconds} s. ${compare(files, recorded)}`);
    } catch (error) {
      status.textContent = `The run could not start: ${(error as Error).message}`;
    }
  };
  return h(
    "section",
    { id: "again", "aria-labelledby": "again-title" },
    h("h2", { id: "again-title" }, recorded === undefined ? "Run a simulation" : "Run again"),
    h(
      "p",
      { class: "dim" },
      "The simulator runs in this page. The same seed and options give the same run, here and on ",
      "the command line.",
    ),
    h(
      "div",
      { class: "tools" },
      program?.label,
      ...Object.values(inputs).map(({ label }) => label),
    ),
    h(
      "details",
      { open: schedule !== "" },
      h("summary", {}, "schedule of faults, instead of one that the seed decides"),
      h("label", {}, "schedule.json ", textarea),
    ),
    h("p", { class: "tools" }, button("Run", () => void run(), { id: "run" })),
    status,
  );
}

/** Says whether a run has the messages of the recorded one. */
function compare(files: RunFiles, recorded: RunFiles | undefined): string {
  if (recorded?.messages === undefined) return "";
  return dropReceivedBodies(files.messages ?? "") === recorded.messages
    ? "Its messages are those of the recorded run, byte for byte."
    : "Its messages differ from those of the recorded run.";
}

function field(label: string, value: string) {
  const size = String(Math.max(4, Math.min(40, value.length + 2)));
  const input = h("input", { value, size }) as HTMLInputElement;
  return { input, label: h("label", {}, `${label} `, input) };
}

function select(label: string, values: readonly string[], chosen: string) {
  if (values.length === 0) return undefined;
  const element = h(
    "select",
    {},
    ...values.map((value) => h("option", { value, selected: value === chosen }, value)),
  ) as HTMLSelectElement;
  return { select: element, label: h("label", {}, `${label} `, element) };
}
