#!/usr/bin/env python3
"""Echo: replies to each request with its payload.

A node is a program that reads a JSON message on each line of stdin and prints one on each line of
stdout. Whatever it has to say to people goes to stderr.

    deno task maelstrom test -w echo --bin examples/python/echo.py --time-limit 5
"""

import json
import sys


def reply(request, body):
    """Sends a message back to the sender of a request, with the number of the request."""
    body["in_reply_to"] = request["body"]["msg_id"]
    message = {"src": request["dest"], "dest": request["src"], "body": body}
    # Without flush, the line waits in a buffer and the client times out.
    print(json.dumps(message), flush=True)


for line in sys.stdin:
    request = json.loads(line)
    body = request["body"]
    if body["type"] == "init":
        # The first message names this node and all nodes: body["node_id"], body["node_ids"].
        reply(request, {"type": "init_ok"})
    elif body["type"] == "echo":
        reply(request, {"type": "echo_ok", "echo": body["echo"]})
    else:
        reply(request, {"type": "error", "code": 10, "text": "not supported"})
