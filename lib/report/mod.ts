/**
 * Reports: summaries of results and diagrams of runs.
 *
 * @module
 */

export { type Palette, palette } from "./colour.ts";
export { type LamportRange, type NetworkEvent } from "./lamport.ts";
export { lamportSvg } from "./lamport_svg.ts";
export { lamportText } from "./lamport_text.ts";
export { lastLine, summarise } from "./summary.ts";
