/**
 * Mistakes that beginners make in their first nodes. Each is an edit of a correct node in Python,
 * with the line of output that names the mistake.
 *
 * @module
 */

/** A mistake in a node. */
export interface Mistake {
  readonly name: string;
  readonly workload: keyof typeof NODES;
  /** The text of the node that is replaced, and its replacement. */
  readonly edit: readonly [from: string, to: string];
  /** The line that names the mistake; "…" stands for any text. */
  readonly line: string;
  /** Further flags of the test. */
  readonly flags?: readonly string[];
  /** Whether the file lacks its permission to execute. */
  readonly isNotExecutable?: true;
}

/** Returns a node that handles `init` and the given requests. */
function node(handlers: string): string {
  return `#!/usr/bin/env python3
import json, random, sys, time
node, first_offset = None, 0
neighbours, values, logs, committed = [], set(), {}, {}
def send(dest, body):
    print(json.dumps({"src": node, "dest": dest, "body": body}), flush=True)
for line in sys.stdin:
    message = json.loads(line)
    sender, body = message["src"], message["body"]
    kind = body["type"]
    def reply(answer):
        answer["in_reply_to"] = body["msg_id"]
        send(sender, answer)
    if kind == "init":
        node = body["node_id"]
        reply({"type": "init_ok"})
${handlers}`;
}

/** Correct nodes (the last three with one node only). */
export const NODES = {
  echo: node(`    elif kind == "echo":
        reply({"type": "echo_ok", "echo": body["echo"]})
`),
  broadcast: node(`    elif kind == "topology":
        neighbours = body["topology"][node]
        reply({"type": "topology_ok"})
    elif kind == "broadcast":
        value = body["message"]
        if value not in values:
            values.add(value)
            for other in neighbours:
                send(other, {"type": "broadcast", "message": value})
        if "msg_id" in body:
            reply({"type": "broadcast_ok"})
    elif kind == "read":
        reply({"type": "read_ok", "messages": list(values)})
`),
  "unique-ids": node(`    elif kind == "generate":
        reply({"type": "generate_ok", "id": node + str(body["msg_id"]) + sender})
`),
  "g-counter": node(`    elif kind == "add":
        values.add((sender, body["msg_id"], body["delta"]))
        reply({"type": "add_ok"})
    elif kind == "read":
        reply({"type": "read_ok", "value": sum(delta for _, _, delta in values)})
`),
  kafka: node(`    elif kind == "send":
        log = logs.setdefault(body["key"], [])
        log.append(body["msg"])
        reply({"type": "send_ok", "offset": len(log) - 1 + first_offset})
    elif kind == "poll":
        reply({"type": "poll_ok", "msgs": {key: [
            [offset, value]
            for offset, value in enumerate(logs.get(key, []), first_offset) if offset >= first
        ] for key, first in body["offsets"].items()}})
    elif kind == "commit_offsets":
        committed.update(body["offsets"])
        reply({"type": "commit_offsets_ok"})
    elif kind == "list_committed_offsets":
        reply({"type": "list_committed_offsets_ok",
               "offsets": {key: committed[key] for key in body["keys"] if key in committed}})
`),
  "txn-rw-register": node(`    elif kind == "txn":
        done = []
        for f, key, value in body["txn"]:
            if f == "w":
                logs[key] = value
            else:
                value = logs.get(key)
            done.append([f, key, value])
        reply({"type": "txn_ok", "txn": done})
`),
} as const;

const ECHO_REPLY = 'reply({"type": "echo_ok", "echo": body["echo"]})';
const SHEBANG = "#!/usr/bin/env python3\n";
const TOPOLOGY_REPLY = '        reply({"type": "topology_ok"})\n';
const PRINT = 'print(json.dumps({"src": node, "dest": dest, "body": body}), flush=True)';

/** The mistakes, in the order in which a beginner meets them. */
export const MISTAKES: readonly Mistake[] = [
  {
    name: "the file is not executable",
    workload: "echo",
    edit: ["", ""],
    isNotExecutable: true,
    line: "--bin … is not executable. Make it executable with: chmod +x …",
  },
  {
    name: "the file of another node is not executable",
    workload: "kafka",
    edit: ["", ""],
    isNotExecutable: true,
    line: "--bin … is not executable. Make it executable with: chmod +x …",
  },
  {
    name: "the first line names a program that does not exist",
    workload: "echo",
    edit: [SHEBANG, "#!/usr/bin/python3.99\n"],
    line: "The first line of … names /usr/bin/python3.99, which does not exist.…",
  },
  {
    name: "the lines end in CR LF",
    workload: "echo",
    edit: [SHEBANG, "#!/usr/bin/env python3\r\n"],
    line: "The first line of … ends in a carriage return (Windows line ends). Remove them with: …",
  },
  {
    name: "there is no shebang",
    workload: "echo",
    edit: [SHEBANG, ""],
    line: 'The first line of … is "import json, random, sys, time", not a shebang such as …',
  },
  {
    name: "the shebang begins with a space",
    workload: "echo",
    edit: [SHEBANG, ` ${SHEBANG}`],
    line: 'The first line of … is " #!/usr/bin/env python3": it has spaces or other characters …',
  },
  {
    name: "the first line names a program that is not on the PATH",
    workload: "echo",
    edit: [SHEBANG, "#!/usr/bin/env python3.99\n"],
    line:
      "The first line of … names python3.99, which is not on the PATH. This system has python3…",
  },
  {
    name: "a package is missing",
    workload: "echo",
    edit: ["import json", "import no_such_module, json"],
    line: "ModuleNotFoundError: No module named 'no_such_module'",
  },
  {
    name: "the program has a syntax error",
    workload: "echo",
    edit: ["def send(dest, body):", "def send(:"],
    line: "SyntaxError: invalid syntax",
  },
  {
    name: "src and dest are swapped",
    workload: "echo",
    edit: ['{"src": node, "dest": dest, ', '{"src": dest, "dest": node, '],
    line: 'n0 sent the reply "init_ok" with src c0 and dest n0: src and dest are swapped.',
  },
  {
    name: "a message has no src",
    workload: "echo",
    edit: ['{"src": node, ', "{"],
    line: "('src' must be a string, got the line …)",
  },
  {
    name: "messages are printed with indentation",
    workload: "echo",
    edit: ["}), flush", "}, indent=2), flush"],
    line: "(…: a message must be on one line, is it printed with indentation?)",
  },
  {
    name: "a dict is printed without json.dumps",
    workload: "echo",
    edit: [PRINT, PRINT.replace("json.dumps", "")],
    line: "(…: JSON has double quotes, is it Python's print of a dict without json.dumps?)",
  },
  {
    name: "output is printed to debug",
    workload: "echo",
    edit: ["    kind =", '    print("got", message, flush=True)\n    kind ='],
    line: "Only messages belong on stdout, one a line; send anything else to stderr.",
  },
  {
    name: "there is no reply",
    workload: "echo",
    edit: [ECHO_REPLY, "pass"],
    line: "replies n0 received c…'s echo (msg_id 1) and never replied: its handler sends no …",
  },
  {
    name: "a handler never ends",
    workload: "echo",
    edit: [ECHO_REPLY, "while True: pass"],
    line: "replies n0 received c…'s echo (msg_id 1) and never replied: … or has not ended",
  },
  {
    name: "a handler takes too long",
    workload: "echo",
    edit: [ECHO_REPLY, `time.sleep(6); ${ECHO_REPLY}`],
    flags: ["--time-limit", "7"],
    line: "replies n0 answered c…'s echo after 6.… s; clients wait 5 s",
  },
  {
    name: "in_reply_to is missing",
    workload: "echo",
    edit: ['        answer["in', '        if kind == "init": answer["in'],
    line: 'replies n0 answered c… with "echo_ok" without in_reply_to; c… waits for in_reply_to 1 …',
  },
  {
    name: "in_reply_to is a string",
    workload: "echo",
    edit: ['body["msg_id"]\n', 'body["msg_id"] if kind == "init" else str(body["msg_id"])\n'],
    line: 'replies n0 answered c… with "echo_ok" with in_reply_to "1", a string; c… waits for …',
  },
  {
    name: "a reply is sent to its own sender",
    workload: "echo",
    edit: ["send(sender, answer)", 'send(sender if kind == "init" else node, answer)'],
    line: "replies n0 sent a reply to itself: dest must be the src of the request",
  },
  {
    name: "a reply has another type",
    workload: "echo",
    edit: ['"echo_ok"', '"echo-ok"'],
    line: 'This reply is malformed: the reply.type must be "echo_ok", got "echo-ok".',
  },
  {
    name: "a request is refused",
    workload: "echo",
    edit: [ECHO_REPLY, 'reply({"type": "error", "code": 10, "text": "no"})'],
    line: 'no success … of … echo: error not-supported (such as "no")',
  },
  {
    name: "an error has no code",
    workload: "echo",
    edit: [ECHO_REPLY, 'reply({"type": "error", "text": "no"})'],
    line: "replies n0 answered c…'s echo with an error without a code; expected an integer, …",
  },
  {
    name: "the node crashes in the middle",
    workload: "echo",
    edit: [ECHO_REPLY, `if body["msg_id"] > 4: {}["nope"]\n        ${ECHO_REPLY}`],
    line: "stderr n0 wrote … lines, the last: KeyError: 'nope' (node-logs/n0.log)",
  },
  {
    name: "the node exits in the middle",
    workload: "echo",
    edit: [ECHO_REPLY, "sys.exit(0)"],
    line: "Node n0 exited with status 0 before the end of the test.",
  },
  {
    name: "topology has no reply",
    workload: "broadcast",
    edit: [TOPOLOGY_REPLY, ""],
    line: 'Node n0 must reply to {"type": "topology", …} with {"type": "topology_ok", …',
  },
  {
    name: "topology has no handler",
    workload: "broadcast",
    edit: ['kind == "topology"', "False"],
    line: 'Node n0 must reply to {"type": "topology", …} with {"type": "topology_ok", …',
  },
  {
    name: "topology crashes",
    workload: "broadcast",
    edit: ['body["topology"][node]', 'body["topology"]["n9"]'],
    line: "KeyError: 'n9'",
  },
  {
    name: "values are not forwarded",
    workload: "broadcast",
    edit: ["for other in neighbours:", "for other in []:"],
    line: "messages none between nodes: 3 nodes agree only if they send messages to each other …",
  },
  {
    name: "numbers become strings",
    workload: "broadcast",
    edit: ["list(values)", "[str(value) for value in values]"],
    line: 'Operation … contains "…", a string; the value that was added is …, a number.',
  },
  {
    name: "a read contains values twice",
    workload: "broadcast",
    edit: ["list(values)", "list(values) + list(values)"],
    line: "Operation … contains … 2 times; expected once.",
  },
  {
    name: "all messages between nodes have the same msg_id",
    workload: "broadcast",
    edit: ['"message": value}', '"message": value, "msg_id": 7}'],
    line: "replies n… sent different requests with msg_id 7 (the second to n…): …",
  },
  {
    name: "errors are caught, so that some requests have no reply",
    workload: "broadcast",
    edit: ['if "msg_id" in body:', 'if "msg_id" in body and value % 4 != 1:'],
    line: "Valid, although … of … operations did not succeed.",
  },
  {
    name: "each node has its own counter",
    workload: "g-counter",
    edit: ["", ""],
    line: "messages none between nodes: 2 nodes agree only if they send messages to each other …",
  },
  {
    name: "ids are random numbers of few values",
    workload: "unique-ids",
    edit: ['node + str(body["msg_id"]) + sender', "random.randint(0, 6)"],
    line: "The id … was generated … times, first by operation … (generate of process …), then …",
  },
  {
    name: "messages are stored twice",
    workload: "kafka",
    edit: ['log.append(body["msg"])', 'log.extend([body["msg"], body["msg"]])'],
    line: 'duplicate: message … of key "…" is at 2 offsets: … and …',
  },
  {
    name: "offsets are missing from polls",
    workload: "kafka",
    edit: ["[offset, value]", "value"],
    line: 'This reply is malformed: the reply.msgs["…"] must be an array (each item: …',
  },
  {
    name: "a poll skips the first message",
    workload: "kafka",
    edit: ["offset >= first", "offset > first"],
    line: 'unseen: acknowledged but never polled: … of key "…"…',
  },
  {
    name: "each node has its own registers",
    workload: "txn-rw-register",
    edit: ["", ""],
    flags: ["--consistency-models", "serializable"],
    line: "messages none between nodes: 2 nodes agree only if they send messages to each other …",
  },
  {
    name: "a transaction reads what no other transaction wrote",
    workload: "txn-rw-register",
    edit: ["value = logs.get(key)", "value = (logs.get(key) or 0) + 1000"],
    line: "…: operation … read key … as …, which no transaction wrote",
  },
];

/** Nodes without a mistake that may look as if they had one. */
export const CORRECT: readonly Mistake[] = [
  {
    name: "the node logs to stderr",
    workload: "echo",
    edit: ["    kind =", '    print("handling", file=sys.stderr, flush=True)\n    kind ='],
    line: "stderr n0 wrote … lines, the last: handling (node-logs/n0.log)",
  },
  {
    name: "offsets begin at 1",
    workload: "kafka",
    edit: ["first_offset = None, 0", "first_offset = None, 1"],
    line: "Everything looks good! …",
  },
];
