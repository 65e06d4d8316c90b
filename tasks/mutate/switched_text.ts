/**
 * Mutant switching: one text of a file that contains all of its mutants, of which a call of
 * {@link SWITCH} selects one while the program runs (Untch, Offutt and Harrold, "Mutation Analysis
 * Using Mutant Schemata", ISSTA 1993). So a process loads the program once for many mutants.
 *
 * @module
 */

import { applyMutant, type Mutant, type Site } from "./mutants.ts";

/** The name of the global function that returns whether the mutant of an id is active. */
export const SWITCH = "$isMutantActive";

/** A site, its mutants and their ids. */
interface SwitchedSite extends Site {
  readonly mutants: (readonly [id: number, mutant: Mutant])[];
}

/** Returns the text with the mutants, each under its id. No mutant is active by default. */
export function switchedText(text: string, mutants: ReadonlyMap<number, Mutant>): string {
  const sites = new Map<string, SwitchedSite>();
  for (const [id, mutant] of mutants) {
    const { start, end, isStatement } = mutant.site;
    const key = `${start} ${end} ${isStatement}`;
    const site = sites.get(key) ?? { ...mutant.site, mutants: [] };
    site.mutants.push([id, mutant]);
    sites.set(key, site);
  }
  // An outer site precedes the sites in it.
  const ordered = [...sites.values()].sort((a, b) =>
    a.start - b.start || b.end - a.end || Number(b.isStatement) - Number(a.isStatement)
  );
  return switchedRange(text, 0, text.length, ordered);
}

/** Takes the sites in the range from the front of the list. */
function switchedRange(text: string, start: number, end: number, sites: SwitchedSite[]): string {
  let output = "";
  let position = start;
  for (let [site] = sites; site !== undefined && site.start < end; [site] = sites) {
    sites.shift();
    output += text.slice(position, site.start);
    const inner = switchedRange(text, site.start, site.end, sites);
    output += site.isStatement
      ? switchedStatement(site, inner)
      : switchedExpression(site, inner, text);
    position = site.end;
  }
  return output + text.slice(position, end);
}

/** A statement is only ever removed. The block keeps a following `else` with its `if`. */
function switchedStatement({ mutants }: SwitchedSite, statement: string): string {
  const isRemoved = mutants.map(([id]) => `${SWITCH}(${id})`).join(" || ");
  return `{ if (!(${isRemoved})) ${statement} }`;
}

function switchedExpression(site: SwitchedSite, expression: string, text: string): string {
  const plain = text.slice(site.start, site.end);
  return site.mutants.reduce((rest, [id, mutant]) => {
    const [start, end] = [mutant.start - site.start, mutant.end - site.start];
    const mutated = applyMutant({ ...mutant, start, end }, plain);
    return `(${SWITCH}(${id}) ? (${mutated}) : ${rest})`;
  }, `(${expression})`);
}
