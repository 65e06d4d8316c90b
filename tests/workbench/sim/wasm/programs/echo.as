// An echo node that misbehaves as its first argument says.

import { argument, log, milliseconds, pollDescriptor, pollNothing, print, readLine, reply, sleep, text, until, waitForInput } from "./wasi";

@external("wasi_snapshot_preview1", "proc_exit")
declare function proc_exit(code: i32): void;
@external("wasi_snapshot_preview1", "sock_shutdown")
declare function sock_shutdown(fd: i32, how: i32): i32;

let id = "";
let sum = 0;

function spinForever(): void {
  while (true) sum++;
}

function sleepForever(): void {
  sleep(i64.MAX_VALUE / 1000000);
}

function recurse(depth: i32): i32 {
  return depth == 0 ? 0 : recurse(depth - 1) + recurse(depth - 1);
}

function misbehave(how: string): void {
  if (how == "spin") spinForever();
  if (how == "recurse") sum = recurse(60);
  if (how == "trap") unreachable();
  if (how == "exit") proc_exit(3);
  if (how == "socket") log("shutdown: " + sock_shutdown(3, 0).toString());
  if (how == "nothing") log("poll: " + pollNothing().toString());
  if (how == "forever") sleepForever();
  if (how == "inattentive") sleep(20000);
  if (how == "patient") waitForInput(40 * 24 * 3600 * 1000);
  if (how == "unanswered") {
    while (true) readLine();
  }
  if (how == "descriptor") log("descriptor: " + pollDescriptor(77).toString());
  if (how == "malformed") print("no JSON");
  if (how == "sleep") {
    const start = milliseconds(1);
    const hasInput = waitForInput(250);
    log("slept " + (milliseconds(1) - start).toString() + " ms, input: " + hasInput.toString());
  }
  // The end of the program, without a newline.
  if (how == "unfinished") proc_exit(0);
}

export function _start(): void {
  const how = argument();
  while (true) {
    const line = readLine();
    const type = text(line, "type");
    if (type == "init") id = text(line, "node_id");
    else misbehave(how);
    reply(line, id, type == "echo" ? ',"echo":"' + text(line, "echo") + '"' : "");
  }
}
