#!/usr/bin/env -S deno run
/**
 * An echo node written directly with the standard library's TextLineStream: a baseline for the node
 * library in {@link file://./../bench_node.ts}. It does not validate its input and handles two
 * types of message.
 *
 * It writes each reply separately. With the argument `batched` it keeps one write in flight and
 * batches the replies that accumulate meanwhile.
 *
 * @module
 */

import { TextLineStream } from "std/streams";

const encoder = new TextEncoder();

function answer(line: string): string {
  const { src, dest, body } = JSON.parse(line);
  const reply = body.type === "init"
    ? { type: "init_ok", in_reply_to: body.msg_id }
    : { type: "echo_ok", echo: body.echo, in_reply_to: body.msg_id };
  return `${JSON.stringify({ src: dest, dest: src, body: reply })}\n`;
}

function writeEach(): (line: string) => void {
  return (line) => {
    Deno.stdout.writeSync(encoder.encode(line));
  };
}

function writeBatched(): (line: string) => void {
  let batch = "";
  let writing = false;
  const write = async () => {
    writing = true;
    while (batch !== "") {
      let bytes = encoder.encode(batch);
      batch = "";
      while (bytes.length > 0) bytes = bytes.subarray(await Deno.stdout.write(bytes));
    }
    writing = false;
  };
  return (line) => {
    batch += line;
    if (!writing) write();
  };
}

if (import.meta.main) {
  const write = Deno.args[0] === "batched" ? writeBatched() : writeEach();
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) write(answer(line));
}
