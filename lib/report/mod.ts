/**
 * Reports: summaries of results and diagrams of runs.
 *
 * @module
 */

export { caveats } from "./caveats.ts";
export { type Palette, palette } from "./colour.ts";
export { diagnose, type Finding, type LogTail } from "./diagnosis.ts";
export { FirstFailures } from "./first_failures.ts";
export { type LamportRange, type NetworkEvent } from "./lamport.ts";
export { lamportSvg } from "./lamport_svg.ts";
export { lamportText } from "./lamport_text.ts";
export { proofOf, type ShownProof } from "./proof.ts";
export { ReplyWatch } from "./reply_watch.ts";
export { lastLine, summarise } from "./summary.ts";
