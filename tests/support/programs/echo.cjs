#!/usr/bin/env node
// An echo node for another JavaScript runtime.
const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { src, dest, body: { type, msg_id, echo } } = JSON.parse(line);
  const body = { type: `${type}_ok`, in_reply_to: msg_id, ...(echo === undefined ? {} : { echo }) };
  process.stdout.write(JSON.stringify({ src: dest, dest: src, body }) + "\n");
});
