/**
 * Gives a command that uses `--engine nats` the permission to reach its server.
 *
 * The tasks have no permission for the network. With this engine, a task runs itself once more, with
 * a permission for the hosts of that server only. It can, since it may run programs.
 *
 * @module
 */

import { hostsToPermit, parseServers } from "../../lib/transport/nats/servers.ts";
import { PROJECT } from "./users_folder.ts";

/** A server that the engine starts itself. */
const LOOPBACK = "127.0.0.1";
const FORWARDED_SIGNALS: readonly Deno.Signal[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/**
 * Runs this process's own command with the permission that its arguments need; returns the exit
 * code. Returns undefined if it needs none, or has it.
 */
export async function runWithNet(args: readonly string[]): Promise<number | undefined> {
  const hosts = hostsOf(args);
  if (hosts === undefined ? isGranted({ name: "net" }) : hosts.every(isReachable)) return undefined;
  const permission = hosts === undefined ? "--allow-net" : `--allow-net=${hosts.join(",")}`;
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...flagsOf(Deno.mainModule), permission, Deno.mainModule, ...args],
  }).spawn();
  const forward = FORWARDED_SIGNALS.map((signal) => [signal, () => send(child, signal)] as const);
  for (const [signal, handler] of forward) Deno.addSignalListener(signal, handler);
  const { code } = await child.status;
  for (const [signal, handler] of forward) Deno.removeSignalListener(signal, handler);
  return code;
}

/** Returns the hosts that a command line needs to reach; undefined for any that a name may have. */
export function hostsOf(args: readonly string[]): readonly string[] | undefined {
  const end = args.indexOf("--");
  const own = end < 0 ? args : args.slice(0, end);
  if (valueOf(own, "--engine") !== "nats") return [];
  const url = valueOf(own, "--nats");
  return url === undefined ? [LOOPBACK] : hostsToPermit(parseServers(url));
}

/** Returns the flags with which deno.json runs a program of the project's tasks. */
export function flagsOf(module: string): readonly string[] {
  const { tasks } = JSON.parse(Deno.readTextFileSync(`${PROJECT}/deno.json`)) as {
    readonly tasks: Readonly<Record<string, { readonly command: string }>>;
  };
  const program = ` tasks/${module.slice(module.lastIndexOf("/") + 1)}`;
  for (const { command } of Object.values(tasks)) {
    if (command.startsWith("deno run ") && command.endsWith(program)) {
      return command.slice(0, -program.length).split(" ").slice(2);
    }
  }
  throw new Error(`deno.json has no task that runs ${module}`);
}

function isReachable(host: string): boolean {
  return isGranted({ name: "net", host });
}

function isGranted(permission: Deno.NetPermissionDescriptor): boolean {
  return Deno.permissions.querySync(permission).state === "granted";
}

function valueOf(args: readonly string[], flag: string): string | undefined {
  const index = args.findLastIndex((arg) => arg === flag || arg.startsWith(`${flag}=`));
  if (index < 0) return undefined;
  return args[index] === flag ? args[index + 1] : args[index]?.slice(flag.length + 1);
}

function send(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch (error) {
    // It has ended by itself.
    if (!(error instanceof TypeError)) throw error;
  }
}
