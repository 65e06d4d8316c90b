#!/usr/bin/env python3
"""An echo node that also sends its peers messages whose body has no type."""
import json
import sys


def send(src, dest, body):
    print(json.dumps({"src": src, "dest": dest, "body": body}), flush=True)


nodes = []
for line in sys.stdin:
    message = json.loads(line)
    request = message["body"]
    if "type" not in request:
        continue
    if request["type"] == "init":
        nodes = request["node_ids"]
    body = {"type": request["type"] + "_ok", "in_reply_to": request["msg_id"]}
    if request["type"] == "echo":
        body["echo"] = request["echo"]
        for node in nodes:
            send(message["dest"], node, {"no": ["type"]})
    send(message["dest"], message["src"], body)
