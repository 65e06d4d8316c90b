/**
 * A program that loads test files once and runs single tests on request, each with one mutant
 * active. It runs in a copy of the project, so it imports nothing.
 *
 * Arguments: the name of the switch, the number of mutants, the id of the mutant that is active
 * while the files are loaded (0 for none), and the test files. Requests and replies are lines of
 * JSON; a reply follows a mark, because tests may print, too.
 *
 * @module
 */

type Step = (context: Context) => unknown;

interface Context {
  readonly name: string;
  readonly origin: string;
  step(step: string | Step | { name: string; fn: Step }, body?: Step): Promise<boolean>;
}

interface Test {
  readonly file: string;
  readonly name: string;
  readonly body: Step;
}

interface Definition {
  readonly name?: string;
  readonly fn?: Step;
  readonly ignore?: boolean;
}

const MARK = "\n\u0000mutate ";
const [switchName = "", mutantCount = "", initiallyActive = "", ...files] = Deno.args;
const encoder = new TextEncoder();
const tests: Test[] = [];
const hits = new Uint8Array(Number(mutantCount) + 1);
let active = Number(initiallyActive);
let currentFile = "";
let uncaught: unknown;

function reply(message: unknown): void {
  const bytes = encoder.encode(`${MARK}${JSON.stringify(message)}\n`);
  for (let written = 0; written < bytes.length;) {
    written += Deno.stdout.writeSync(bytes.subarray(written));
  }
}

function takeHits(): number[] {
  const ids = [...hits.keys()].filter((id) => hits[id] === 1);
  hits.fill(0);
  return ids;
}

/** All forms of `Deno.test`: a name, options and a function, where each may be missing. */
function define(...args: readonly (string | Definition | Step)[]): void {
  const definition: { name?: string; fn?: Step; ignore?: boolean } = {};
  for (const argument of args) {
    if (typeof argument === "string") definition.name = argument;
    else if (typeof argument === "function") definition.fn = argument;
    else Object.assign(definition, argument);
  }
  const { fn, name = fn?.name ?? "", ignore = false } = definition;
  if (fn !== undefined && !ignore) tests.push({ file: currentFile, name, body: fn });
}

function contextOf(name: string): Context {
  return {
    name,
    origin: currentFile,
    async step(step, body) {
      const isNamed = typeof step === "string";
      const run = isNamed ? body : typeof step === "function" ? step : step.fn;
      await run?.(contextOf(isNamed ? step : step.name));
      return true;
    },
  };
}

async function run({ name, body }: Test): Promise<string | undefined> {
  uncaught = undefined;
  try {
    await body(contextOf(name));
    return uncaught === undefined ? undefined : String(uncaught);
  } catch (error) {
    return error instanceof Error ? error.stack ?? error.message : String(error);
  }
}

Object.defineProperty(globalThis, switchName, {
  value: (id: number) => {
    hits[id] = 1;
    return id === active;
  },
});
Object.defineProperty(Deno, "test", {
  value: Object.assign(define, { ignore: () => {}, only: define }),
});
let hasStartedPrograms = false;
for (const name of ["Command", "Worker"] as const) {
  const scope: object = name === "Worker" ? globalThis : Deno;
  const original = Reflect.get(scope, name);
  const value = new Proxy(original, {
    construct(target, args, newTarget) {
      hasStartedPrograms = true;
      return Reflect.construct(target, args, newTarget);
    },
  });
  Object.defineProperty(scope, name, { value, configurable: true, writable: true });
}
/** Keeps the process running. Fails the test, unless a later listener of its own handles the event. */
function catchUncaught(event: Event, reason: unknown): void {
  event.preventDefault();
  let isHandled = false;
  Object.defineProperty(event, "preventDefault", { value: () => isHandled = true });
  queueMicrotask(() => {
    if (!isHandled) uncaught = reason;
  });
}
globalThis.addEventListener("unhandledrejection", (event) => catchUncaught(event, event.reason));
globalThis.addEventListener("error", (event) => catchUncaught(event, event.error));

for (const file of files) {
  currentFile = file;
  try {
    await import(`file://${Deno.cwd()}/${file}`);
  } catch (error) {
    reply({ failedToLoad: file, reason: error instanceof Error ? error.stack : String(error) });
    Deno.exit(1);
  }
}
reply({ tests: tests.map(({ file, name }) => `${file}: ${name}`), hits: takeHits() });

let rest = "";
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    const { test, mutant } = JSON.parse(line);
    active = mutant;
    hasStartedPrograms = false;
    const begun = performance.now();
    const failure = await run(tests[test] as Test);
    const elapsedMs = performance.now() - begun;
    reply({ failure, elapsedMs, hasStartedPrograms, hits: mutant === 0 ? takeHits() : [] });
  }
}
