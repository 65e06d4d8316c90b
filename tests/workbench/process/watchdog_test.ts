import { assert, assertEquals, assertThrows } from "std/testing";
import { isRunning, untilGone, watchdogOf } from "../../support/processes.ts";
import { StartError } from "../../../lib/workbench/engine.ts";
import { withProperty } from "../../support/with_property.ts";
import { requireProcessGroups, Watchdog } from "../../../lib/workbench/process/watchdog.ts";

const isLinux = Deno.build.os === "linux";

/** Starts a shell script under watch, and waits for the process ids that it prints. */
async function start(watchdog: Watchdog, script: string) {
  let mark = "";
  const { process, group } = watchdog.watch((env) => {
    [mark = ""] = Object.values(env);
    return new Deno.Command("/bin/sh", {
      env,
      args: ["-c", script],
      detached: true,
      stdin: "null",
      stdout: "piped",
    }).spawn();
  });
  const reader = process.stdout.getReader();
  let text = "";
  while (!text.endsWith("\n")) text += new TextDecoder().decode((await reader.read()).value);
  await reader.cancel();
  return { process, group, mark, printed: text.trim().split("\n").map(Number) };
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

Deno.test("a watched process that cleared its environment ends with the watchdog, too", async () => {
  const watchdog = new Watchdog();
  const script = "echo up; exec env -i /bin/sh -c 'sleep 1000; exit 0'";
  const { process } = await start(watchdog, script);
  await watchdog.close();
  assertEquals((await process.status).signal, "SIGKILL");
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
  const { process, mark } = await start(watchdog, "echo $PPID; exec sleep 1000");
  const pid = await watchdogOf(mark) as number;
  const { stdout } = await new Deno.Command("ps", { args: ["-o", "pgid=", "-p", `${pid}`] })
    .output();
  assertEquals(Number(new TextDecoder().decode(stdout)), pid, "it leads a group of its own");
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) Deno.kill(pid, signal);
  assert(await isRunning(pid));
  await watchdog.close();
  assertEquals((await process.status).signal, "SIGKILL");
});

Deno.test("a watchdog has ended when it is closed", async () => {
  const watchdog = new Watchdog();
  const { process, mark } = await start(watchdog, "echo up; exec sleep 1000");
  const pid = await watchdogOf(mark) as number;
  await watchdog.close();
  // A signal reaches a process until the system has reported its end.
  assertThrows(() => Deno.kill(pid, "SIGCONT"), Deno.errors.NotFound);
  assertEquals((await process.status).signal, "SIGKILL");
});

Deno.test("a run continues without its watchdog", async () => {
  const watchdog = new Watchdog();
  const first = await start(watchdog, "echo up; exec sleep 1000");
  const pid = await watchdogOf(first.mark) as number;
  Deno.kill(pid, "SIGKILL");
  await untilGone(pid);
  first.process.kill("SIGKILL");
  await first.process.status;
  first.group.ended();
  const second = await start(watchdog, "echo up; exit 3");
  assertEquals((await second.process.status).code, 3);
  second.group.ended();
  await watchdog.close();
});

Deno.test("a watchdog is rejected on Windows, and a system without a shell is named", async () => {
  await withProperty(Deno, "build", { ...Deno.build, os: "windows" }, () => {
    assertThrows(() => new Watchdog(), StartError, "--engine sim");
  });
  const missing = class extends Deno.Command {
    constructor() {
      super("/no/such/shell");
    }
  };
  await withProperty(Deno, "Command", missing, () => {
    assertThrows(() => new Watchdog(), StartError, "/bin/sh could not be started: ");
  });
});

Deno.test("requireProcessGroups rejects Windows, and names what works there", () => {
  for (const system of ["linux", "darwin", "freebsd"]) requireProcessGroups(system);
  const { message } = assertThrows(() => requireProcessGroups("windows"), StartError);
  assert(message.includes("--engine sim") && message.includes("WSL"), message);
});
