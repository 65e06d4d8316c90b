// The calls of WASI that the test programs make, and just enough JSON for their messages.

@external("wasi_snapshot_preview1", "fd_read")
declare function fd_read(fd: i32, iovs: usize, count: i32, size: usize): i32;
@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, iovs: usize, count: i32, size: usize): i32;
@external("wasi_snapshot_preview1", "poll_oneoff")
declare function poll_oneoff(subscriptions: usize, events: usize, count: i32, size: usize): i32;
@external("wasi_snapshot_preview1", "clock_time_get")
declare function clock_time_get(clock: i32, precision: i64, time: usize): i32;
@external("wasi_snapshot_preview1", "random_get")
declare function random_get(address: usize, length: i32): i32;
@external("wasi_snapshot_preview1", "args_sizes_get")
declare function args_sizes_get(count: usize, size: usize): i32;
@external("wasi_snapshot_preview1", "args_get")
declare function args_get(addresses: usize, buffer: usize): i32;

const iovec = memory.data(8);
const result = memory.data(8);
const buffer = memory.data(4096);
const subscriptions = memory.data(96);
const events = memory.data(64);
let unread = "";

function write(fd: i32, text: string): void {
  const bytes = String.UTF8.encode(text);
  store<u32>(iovec, <u32>changetype<usize>(bytes));
  store<u32>(iovec, bytes.byteLength, 4);
  fd_write(fd, iovec, 1, result);
}

export function print(line: string): void {
  write(1, line + "\n");
}

export function log(line: string): void {
  write(2, line + "\n");
}

/** Waits for a line of input. */
export function readLine(): string {
  while (!unread.includes("\n")) {
    store<u32>(iovec, <u32>buffer);
    store<u32>(iovec, 4096, 4);
    fd_read(0, iovec, 1, result);
    unread += String.UTF8.decodeUnsafe(buffer, load<u32>(result));
  }
  const end = unread.indexOf("\n");
  const line = unread.slice(0, end);
  unread = unread.slice(end + 1);
  return line;
}

/** Waits for input, or until a number of milliseconds is over; returns whether there is input. */
export function waitForInput(timeoutMs: i64): bool {
  if (unread.includes("\n")) return true;
  subscribeToClock(timeoutMs);
  store<u8>(subscriptions, 1, 48 + 8);
  poll_oneoff(subscriptions, events, 2, result);
  for (let index: u32 = 0; index < load<u32>(result); index++) {
    if (load<u8>(events + index * 32, 10) == 1) return true;
  }
  return false;
}

function subscribeToClock(timeoutMs: i64): void {
  memory.fill(subscriptions, 0, 96);
  store<u32>(subscriptions, 1, 16);
  store<u64>(subscriptions, <u64>timeoutMs * 1000000, 24);
}

export function sleep(timeoutMs: i64): void {
  subscribeToClock(timeoutMs);
  poll_oneoff(subscriptions, events, 1, result);
}

/** Waits until a descriptor can be read; returns the error number of the first event. */
export function pollDescriptor(descriptor: i32): i32 {
  memory.fill(subscriptions, 0, 48);
  store<u8>(subscriptions, 1, 8);
  store<u32>(subscriptions, descriptor, 16);
  poll_oneoff(subscriptions, events, 1, result);
  return load<u16>(events, 8);
}

/** Waits for nothing. */
export function pollNothing(): i32 {
  return poll_oneoff(subscriptions, events, 0, result);
}

export function milliseconds(clock: i32): i64 {
  clock_time_get(clock, 0, result);
  return load<i64>(result) / 1000000;
}

export function randomNumber(): u32 {
  random_get(result, 4);
  return load<u32>(result);
}

/** Returns the first argument after the program's name. */
export function argument(): string {
  args_sizes_get(result, result + 4);
  if (load<u32>(result) < 2) return "";
  args_get(buffer, buffer + 256);
  return String.UTF8.decodeUnsafe(load<u32>(buffer, 4), 64, true);
}

/** Returns the text of a field; empty without one. */
export function text(line: string, name: string): string {
  const start = line.indexOf('"' + name + '":"');
  if (start < 0) return "";
  const from = start + name.length + 4;
  return line.slice(from, line.indexOf('"', from));
}

/** Returns what stands between a field's name and a character. */
export function until(line: string, name: string, end: string): string {
  const start = line.indexOf('"' + name + '":');
  if (start < 0) return "";
  const from = start + name.length + 3;
  let to = from;
  while (!end.includes(line.charAt(to))) to++;
  return line.slice(from, to);
}

/** Replies to a request with further fields. */
export function reply(line: string, id: string, fields: string): void {
  print(
    '{"src":"' + id + '","dest":"' + text(line, "src") + '","body":{"type":"' + text(line, "type") +
      '_ok","in_reply_to":' + until(line, "msg_id", ",}") + fields + "}}",
  );
}
