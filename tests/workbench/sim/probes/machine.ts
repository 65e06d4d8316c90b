/**
 * Probes that reach the machine: processes, memory, files, the network.
 *
 * @module
 */

import type { Probe } from "./probe.ts";

/** Probes that reach the machine: processes, memory, files, the network. */
export const machine: readonly Probe[] = [
  { name: "the process id", value: "Deno.pid", calls: ["Deno.pid"] },
  { name: "the parent's process id", value: "Deno.ppid", calls: ["Deno.ppid"] },
  {
    name: "the process id of node:process",
    top: 'import process from "node:process";',
    value: "process.pid",
    calls: ["process.pid"],
  },
  {
    name: "the memory in use",
    top: "const { memoryUsage } = Deno;",
    value: "memoryUsage().heapUsed",
    calls: ["Deno.memoryUsage()"],
  },
  {
    name: "the memory in use by node:process",
    top: 'import process from "node:process";',
    value: "process.memoryUsage().rss",
    calls: ["process.memoryUsage()"],
  },
  { name: "the load of the machine", value: "Deno.loadavg()[0]", calls: ["Deno.loadavg()"] },
  { name: "the uptime of the machine", value: "Deno.osUptime()", calls: ["Deno.osUptime()"] },
  { name: "the name of the machine", value: "Deno.hostname()", calls: ["Deno.hostname()"] },
  {
    name: "the name of the machine by node:os",
    top: 'import os from "node:os";',
    value: "os.hostname()",
    calls: ["os.hostname()"],
  },
  {
    name: "free memory by node:os",
    top: 'import { freemem } from "node:os";',
    value: "freemem()",
    calls: ["os.freemem()"],
  },
  { name: "an environment variable", value: "Deno.env.get('HOME')", calls: ["Deno.env.get()"] },
  { name: "all variables", value: "Deno.env.toObject()", calls: ["Deno.env.toObject()"] },
  { name: "the working directory", value: "Deno.cwd()", calls: ["Deno.cwd()"] },
  {
    name: "a file",
    value: "await Deno.readTextFile('/etc/hostname')",
    calls: ["Deno.readTextFile()"],
  },
  {
    name: "a file by a captured function",
    top: "const { readFileSync } = Deno;",
    value: "readFileSync('/etc/hostname')",
    calls: ["Deno.readFileSync()"],
  },
  {
    name: "a file by node:fs",
    top: 'import { readFileSync } from "node:fs";',
    value: "readFileSync('/etc/hostname', 'utf8')",
    calls: ["fs.readFileSync()"],
  },
  {
    name: "a file by node:fs/promises",
    top: 'import { readFile } from "node:fs/promises";',
    value: "await readFile('/etc/hostname', 'utf8')",
    calls: ["fs/promises.readFile()"],
  },
  {
    name: "a temporary file",
    value: "Deno.makeTempFileSync()",
    calls: ["Deno.makeTempFileSync()"],
  },
  {
    name: "a subprocess",
    value: "new Deno.Command('id').outputSync().code",
    calls: ["Deno.Command()"],
  },
  {
    name: "a subprocess by node:child_process",
    top: 'import { execSync } from "node:child_process";',
    value: "execSync('id').toString()",
    calls: ["child_process.execSync()"],
  },
  { name: "a connection", value: "await Deno.connect({ port: 1 })", calls: ["Deno.connect()"] },
  { name: "a request", value: "await fetch('http://localhost:1')", calls: ["fetch()"] },
  {
    name: "another realm",
    top: 'import vm from "node:vm";',
    value: "vm.runInNewContext('Date.now()')",
    calls: ["vm.runInNewContext()"],
  },
  { name: "persistent storage", value: "localStorage?.length", calls: ["localStorage"] },
];
