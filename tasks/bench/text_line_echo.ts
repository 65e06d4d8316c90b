#!/usr/bin/env -S deno run
/**
 * The echo node as one writes it in an hour with the standard library's TextLineStream: what
 * {@link file://./../bench_node.ts} measures the node library against. It trusts its input, knows two
 * types of message, and nothing else.
 *
 * It writes a line at a time; with the argument `gathered` it has one write under way and gathers
 * what is answered meanwhile, which is what one does after the first measurement.
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

function writeAtOnce(): (line: string) => void {
  return (line) => {
    Deno.stdout.writeSync(encoder.encode(line));
  };
}

function writeGathered(): (line: string) => void {
  let gathered = "";
  let writing = false;
  const write = async () => {
    writing = true;
    while (gathered !== "") {
      let bytes = encoder.encode(gathered);
      gathered = "";
      while (bytes.length > 0) bytes = bytes.subarray(await Deno.stdout.write(bytes));
    }
    writing = false;
  };
  return (line) => {
    gathered += line;
    if (!writing) write();
  };
}

if (import.meta.main) {
  const write = Deno.args[0] === "gathered" ? writeGathered() : writeAtOnce();
  const lines = Deno.stdin.readable
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream());
  for await (const line of lines) write(answer(line));
}
