import { assert, assertEquals, assertThrows } from "std/testing";
import { isRunning, untilGone } from "../../support/processes.ts";
import { StartError } from "../../../lib/workbench/engine.ts";
import { requireProcessGroups, Watchdog } from "../../../lib/workbench/process/watchdog.ts";

const isLinux = Deno.build.os === "linux";

/** Starts a shell script under watch, and waits for the process ids that it prints. */
async function start(watchdog: Watchdog, script: string) {
  const { process, group } = watchdog.watch((env) =>
    new Deno.Command("/bin/sh", {
      env,
      args: ["-c", script],
      detached: true,
      stdin: "null",
      stdout: "piped",
    }).spawn()
  );
  const reader = process.stdout.getReader();
  let text = "";
  while (!text.endsWith("\n")) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  return { process, group, printed: text.trim().split("\n").map(Number) };
}

Deno.test("the end of the watchdog's stdin kills the groups that it watches, also when paused", async () => {
  const watchdog = new Watchdog();
  const script = "trap '' TERM INT HUP; sleep 1000 & echo $!; wait";
  const first = await start(watchdog, script);
  const second = await start(watchdog, script);
  Deno.kill(-second.process.pid, "SIGSTOP");
  await watchdog.close();
  for (const { process, printed } of [first, second]) {
    assertEquals((await process.status).signal, "SIGKILL");
    await untilGone(printed[0] as number);
  }
});

Deno.test({
  name: "a process that left its group ends with its node; those of other nodes do not",
  ignore: !isLinux,
  fn: async () => {
    const watchdog = new Watchdog();
    const script = "setsid sh -c 'echo $$; exec sleep 1000' & wait";
    const nodes = [];
    for (let count = 0; count < 12; count++) nodes.push(await start(watchdog, script));
    const [ended, other] = [nodes[1], nodes[11]] as [typeof nodes[0], typeof nodes[0]];
    const [escaped, remaining] = [ended.printed[0], other.printed[0]] as [number, number];
    Deno.kill(-ended.process.pid, "SIGKILL");
    await ended.process.status;
    assert(await isRunning(escaped), "the process did not leave the group");
    ended.group.ended();
    await untilGone(escaped);
    assert(await isRunning(remaining), "a process of another node was killed");
    await watchdog.close();
    for (const { process, printed } of nodes) {
      await process.status;
      await untilGone(printed[0] as number);
    }
  },
});

Deno.test("a watchdog ignores the signals that end a terminal's programs", async () => {
  const watchdog = new Watchdog();
  const { process } = await start(watchdog, "echo $PPID; exec sleep 1000");
  const { stdout } = await new Deno.Command("ps", {
    args: ["-o", "pid=,args=", "--ppid", `${Deno.pid}`],
  }).output();
  const line = new TextDecoder().decode(stdout).split("\n").find((text) => / watchdog /.test(text));
  const pid = Number(line?.trim().split(" ")[0]);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) Deno.kill(pid, signal);
  assert(await isRunning(pid));
  await watchdog.close();
  assertEquals((await process.status).signal, "SIGKILL");
});

Deno.test("requireProcessGroups rejects Windows, and names what works there", () => {
  for (const system of ["linux", "darwin", "freebsd"]) requireProcessGroups(system);
  const { message } = assertThrows(() => requireProcessGroups("windows"), StartError);
  assert(message.includes("--engine sim") && message.includes("WSL"), message);
});
