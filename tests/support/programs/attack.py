#!/usr/bin/env python3
"""Replies to unique-ids with the same hostile id, and writes hostile text wherever it can."""
import json, sys
ATTACK = "\x1b]0;owned\x07\x1b[2J\x1b[31m<script>alert(1)</script>]]>\u202e\r"
node = None
for line in sys.stdin:
    message = json.loads(line)
    body = message["body"]
    print(ATTACK, file=sys.stderr, flush=True)
    if body["type"] == "init":
        node = body["node_id"]
        answer = {"type": "init_ok"}
    elif body["msg_id"] % 4 == 3:
        answer = {"type": "error", "code": 11, "text": ATTACK + "x" * 1000000}
    elif body["msg_id"] % 4 == 0:
        print(ATTACK, flush=True)
        answer = {"type": ATTACK, "__proto__": {"polluted": 1}}
    else:
        answer = {"type": "generate_ok", "id": ATTACK, "__proto__": {"polluted": 1}}
    answer["in_reply_to"] = body["msg_id"]
    print(json.dumps({"src": node, "dest": message["src"], "body": answer}), flush=True)
