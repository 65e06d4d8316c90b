#!/usr/bin/env python3
"""An echo node in another language."""
import json
import sys

for line in sys.stdin:
    message = json.loads(line)
    request = message["body"]
    body = {"type": request["type"] + "_ok", "in_reply_to": request["msg_id"]}
    if request["type"] == "echo":
        body["echo"] = request["echo"]
    print(json.dumps({"src": message["dest"], "dest": message["src"], "body": body}), flush=True)
