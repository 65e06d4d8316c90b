/**
 * Reads a transcript: commands at the left margin, the expected output of each indented below it,
 * comments and blank lines in between.
 *
 * @module
 */

/** A command, and what is expected of it. */
export interface Step {
  /** Line of the command in the file, from 1. */
  readonly line: number;
  readonly command: string;
  readonly expected: readonly string[];
}

/** Thrown for a transcript that cannot be played; names the file and the line. */
export class ScriptError extends Error {
  override readonly name = "ScriptError";
}

/** Reads the commands of a transcript. Throws a {@link ScriptError} for output of no command. */
export function readSteps(file: string, text: string): Step[] {
  const steps: (Step & { readonly expected: string[] })[] = [];
  let last: string[] | undefined;
  for (const [index, line] of text.split("\n").entries()) {
    if (isOutput(line)) {
      if (last === undefined) {
        throw new ScriptError(`${file}:${index + 1}: output stands directly below its command`);
      }
      last.push(line);
    } else if (isCommand(line)) {
      last = [];
      steps.push({ line: index + 1, command: line.trimEnd(), expected: last });
    } else {
      last = undefined;
    }
  }
  return steps;
}

/** Returns the transcript with this output below each command; all else stays as it is. */
export function withOutput(text: string, outputs: readonly (readonly string[])[]): string {
  let next = 0;
  return text.split("\n")
    .filter((line) => !isOutput(line))
    .flatMap((line) => isCommand(line) ? [line, ...outputs[next++] ?? []] : [line])
    .join("\n");
}

/**
 * Describes where output differs from what is expected: the line of each command concerned, and the
 * lines that are missing (-) and that were not expected (+). Returns undefined when nothing differs.
 */
export function describeDifferences(
  file: string,
  steps: readonly Step[],
  outputs: readonly (readonly string[])[],
): string | undefined {
  const differences = steps.flatMap(({ line, command, expected }, index) => {
    const actual = outputs[index] ?? [];
    if (expected.join("\n") === actual.join("\n")) return [];
    return [`${file}:${line}: ${command}`, ...lineDiff(expected, actual)];
  });
  return differences.length === 0 ? undefined : differences.join("\n");
}

/** Compares two texts line by line, by their longest common subsequence. */
function lineDiff(before: readonly string[], after: readonly string[]): string[] {
  const common = after.map(() => 0);
  const rows = [[...common, 0]];
  for (const line of before.toReversed()) {
    const below = rows[0] as number[];
    const row = [...common, 0];
    for (let at = after.length - 1; at >= 0; at--) {
      row[at] = line === after[at]
        ? (below[at + 1] ?? 0) + 1
        : Math.max(below[at] ?? 0, row[at + 1] ?? 0);
    }
    rows.unshift(row);
  }
  const diff: string[] = [];
  let [i, j] = [0, 0];
  while (i < before.length || j < after.length) {
    if (i < before.length && before[i] === after[j]) {
      diff.push(`   ${before[i++]}`);
      j++;
    } else if (
      j === after.length ||
      (i < before.length && (rows[i + 1]?.[j] ?? 0) >= (rows[i]?.[j + 1] ?? 0))
    ) {
      diff.push(` - ${before[i++]}`);
    } else {
      diff.push(` + ${after[j++]}`);
    }
  }
  return diff;
}

function isOutput(line: string): boolean {
  return /^\s+\S/.test(line);
}

function isCommand(line: string): boolean {
  return /^[^\s#]/.test(line);
}
