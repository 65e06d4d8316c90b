/**
 * `deno task serve`: shows the runs in a store as pages, on this machine only.
 *
 * @module
 */

import { zipSync } from "fflate";
import { describeFlags, flag, parseFlags, UsageError } from "../../lib/base/mod.ts";
import { comparisonPage, filesPage, messagePage, storePage } from "../../lib/page/store_page.ts";
import { print } from "./console.ts";
import { ExitCode } from "./exit_code.ts";
import { onInterrupt } from "./interrupt.ts";
import { listRuns } from "./store_runs.ts";

const USAGE = `deno task serve [flags]

Shows the runs in a store in a browser: filter them, open their report pages,
compare two, download one as a zip file. Listens on 127.0.0.1 only, until
Ctrl-C. Exit codes: 0 stopped, 254 invalid arguments. Flags:
`;
/** The flags of serve. */
export const serveFlags = {
  store: flag.text({ placeholder: "DIR", help: "the folder of results", default: "store" }),
  port: flag.number({
    placeholder: "N",
    help: "the port; 0 for any free one",
    default: 8090,
    min: 0,
    max: 65_535,
    integer: true,
  }),
  help: flag.help,
} as const;

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
};

/** Runs the command until a signal; returns its exit code. Throws {@link UsageError}. */
export async function serveCommand(args: readonly string[]): Promise<number> {
  const { flags, positional, rest } = parseFlags(args, serveFlags);
  if (flags.help) {
    print(USAGE + describeFlags(serveFlags));
    return ExitCode.valid;
  }
  const [extra] = [...positional, ...rest];
  if (extra !== undefined) {
    throw new UsageError(`unexpected argument "${extra}"; serve takes flags`);
  }
  const stop = new AbortController();
  const removeHandlers = onInterrupt(() => stop.abort());
  try {
    const server = Deno.serve({
      hostname: "127.0.0.1",
      port: flags.port,
      signal: stop.signal,
      onListen: ({ port }) => print(`the runs in ${flags.store}: http://127.0.0.1:${port}/`),
    }, (request) => respond(flags.store, request));
    await server.finished;
  } catch (error) {
    if (!(error instanceof Deno.errors.AddrInUse)) throw error;
    throw new UsageError(`--port ${flags.port} is in use; choose another one, or 0 for a free one`);
  } finally {
    removeHandlers();
  }
  return ExitCode.valid;
}

/** Answers a request for a page or a file of a store. */
export function respond(store: string, request: Request): Response {
  const { pathname, searchParams } = new URL(request.url);
  const host = request.headers.get("host") ?? "";
  // A page elsewhere could name this address by a host of its own (DNS rebinding).
  if (!/^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host)) {
    return page(messagePage("Refused", `this server answers 127.0.0.1, not ${host}`), 403);
  }
  if (pathname === "/") {
    const filter = {
      workload: searchParams.get("workload") ?? "",
      verdict: searchParams.get("verdict") ?? "",
    };
    return page(storePage(listRuns(store), filter));
  }
  if (pathname === "/compare") return compare(store, searchParams.getAll("run"));
  const [, kind, path] = /^\/(runs|zip)\/(.+)$/.exec(pathname) ?? [];
  const file = path === undefined ? undefined : safePath(path);
  if (file === undefined) return notFound(pathname);
  try {
    if (kind === "zip") return zipOf(store, file);
    return file.endsWith("/") ? listing(store, file) : fileOf(store, file);
  } catch (error) {
    const isMissing = [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.IsADirectory]
      .some((kind) => error instanceof kind);
    if (isMissing) return notFound(pathname);
    throw error;
  }
}

function compare(store: string, paths: readonly string[]): Response {
  const runs = listRuns(store);
  const [first, second, ...more] = paths.map((path) => runs.find((run) => run.path === path));
  if (first === undefined || second === undefined || more.length > 0) {
    const sentence = `choose two runs of the list, not ${paths.length}`;
    return page(messagePage("Two runs are needed", sentence), 400);
  }
  return page(comparisonPage(first, second));
}

/** Returns a path below the store; undefined for one that leads out of it. */
function safePath(path: string): string | undefined {
  try {
    const parts = path.split("/").map(decodeURIComponent);
    const isSafe = parts.every((part) => part !== ".." && part !== "." && !/[/\\\0]/.test(part));
    return isSafe ? parts.join("/") : undefined;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function fileOf(store: string, path: string): Response {
  const type = TYPES[path.slice(path.lastIndexOf(".") + 1)] ?? "text/plain; charset=utf-8";
  const file = Deno.openSync(`${store}/${path}`);
  return new Response(file.readable, {
    headers: { "content-type": type, "x-content-type-options": "nosniff" },
  });
}

function listing(store: string, path: string): Response {
  const names = [...filesBelow(`${store}/${path}`, "")].sort();
  return page(filesPage(path, names));
}

function zipOf(store: string, path: string): Response {
  const files = Object.fromEntries(
    [...filesBelow(`${store}/${path}`, "")].map((name) => [
      name,
      Deno.readFileSync(`${store}/${path}/${name}`),
    ]),
  );
  const name = `${path.replaceAll("/", "-")}.zip`;
  return new Response(zipSync(files), {
    headers: {
      "content-type": "application/zip",
      "content-disposition": `attachment; filename="${name.replaceAll(/[^\w.-]/g, "_")}"`,
    },
  });
}

/** Yields the files below a folder, relative to it. */
function* filesBelow(folder: string, prefix: string): Generator<string> {
  for (const { name, isDirectory, isFile } of Deno.readDirSync(`${folder}/${prefix}`)) {
    if (isFile) yield prefix + name;
    else if (isDirectory) yield* filesBelow(folder, `${prefix}${name}/`);
  }
}

function notFound(path: string): Response {
  return page(messagePage("Not found", `there is nothing at ${path}`), 404);
}

function page(html: string, status = 200): Response {
  return new Response(html, { status, headers: { "content-type": "text/html; charset=utf-8" } });
}
