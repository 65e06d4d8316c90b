// A broadcast that forwards new values to all nodes, and sends all its values again every 300 ms.
// It logs times and random numbers, so that a difference between two runs shows.

import { log, milliseconds, print, randomNumber, readLine, reply, text, until, waitForInput } from "./wasi";

let id = "";
let peers: string[] = [];
const values: string[] = [];

function sendTo(dest: string, list: string): void {
  print('{"src":"' + id + '","dest":"' + dest + '","body":{"type":"gossip","values":[' + list + "]}}");
}

function receive(list: string[]): void {
  const added: string[] = [];
  for (let index = 0; index < list.length; index++) {
    const value = list[index];
    if (value.length == 0 || values.includes(value)) continue;
    values.push(value);
    added.push(value);
  }
  if (added.length == 0) return;
  for (let index = 0; index < peers.length; index++) sendTo(peers[index], added.join(","));
}

function handle(line: string): void {
  const type = text(line, "type");
  if (type == "gossip") return receive(until(line, "values", "]").slice(1).split(","));
  if (type == "init") {
    id = text(line, "node_id");
    const nodes = until(line, "node_ids", "]").slice(1).split(",");
    for (let index = 0; index < nodes.length; index++) {
      const node = nodes[index].slice(1, -1);
      if (node != id) peers.push(node);
    }
    log("started at " + milliseconds(0).toString() + " with " + randomNumber().toString());
  }
  if (type == "broadcast") receive([until(line, "message", ",}")]);
  reply(line, id, type == "read" ? ',"messages":[' + values.join(",") + "]" : "");
}

export function _start(): void {
  let next = milliseconds(1) + 300;
  while (true) {
    const left = <i32>(next - milliseconds(1));
    if (left > 0 && waitForInput(left)) {
      handle(readLine());
    } else {
      const peer = peers.length == 0 ? "" : peers[randomNumber() % peers.length];
      if (peer != "" && values.length > 0) sendTo(peer, values.join(","));
      log("tick at " + milliseconds(0).toString());
      next = milliseconds(1) + 300;
    }
  }
}
