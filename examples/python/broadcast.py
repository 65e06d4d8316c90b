#!/usr/bin/env python3
"""Broadcast: a value that a client sends to one node must eventually be read from all nodes.

A node forwards each new value to its neighbours. It keeps the value in a list for each neighbour
until that neighbour acknowledges it, and sends the whole list again every RETRY_SECONDS. So no
value is lost under a partition: it is sent until the partition heals.

    deno task maelstrom test -w broadcast --bin examples/python/broadcast.py --node-count 5 \\
      --time-limit 20 --rate 10 --nemesis partition
"""

import json
import sys
import threading
import time

RETRY_SECONDS = 0.2

lock = threading.Lock()  # Two threads use what follows: the main loop and the retries.
node_id = None
values = set()
pending = {}  # For each neighbour, the values that it has not acknowledged yet.


def send(dest, body):
    print(json.dumps({"src": node_id, "dest": dest, "body": body}), flush=True)


def reply(request, body):
    body["in_reply_to"] = request["body"]["msg_id"]
    send(request["src"], body)


def receive(new_values, sender=None):
    """Stores values and forwards the new ones, except to the neighbour that sent them."""
    new_values = set(new_values) - values
    values.update(new_values)
    for neighbour, unacknowledged in pending.items():
        if neighbour != sender and new_values:
            unacknowledged.update(new_values)
            send(neighbour, {"type": "gossip", "values": list(new_values)})


def retry():
    while True:
        time.sleep(RETRY_SECONDS)
        with lock:
            for neighbour, unacknowledged in pending.items():
                if unacknowledged:
                    send(neighbour, {"type": "gossip", "values": list(unacknowledged)})


def handle(request):
    global node_id
    body = request["body"]
    kind = body["type"]
    if kind == "init":
        node_id = body["node_id"]
        reply(request, {"type": "init_ok"})
    elif kind == "topology":
        for neighbour in body["topology"][node_id]:
            pending[neighbour] = set(values)
        reply(request, {"type": "topology_ok"})
    elif kind == "broadcast":
        receive([body["message"]])
        reply(request, {"type": "broadcast_ok"})
    elif kind == "read":
        reply(request, {"type": "read_ok", "messages": list(values)})
    elif kind == "gossip":
        receive(body["values"], request["src"])
        # Acknowledges values that this node had before, too: the first acknowledgement may be lost.
        send(request["src"], {"type": "gossip_ok", "values": body["values"]})
    elif kind == "gossip_ok":
        pending[request["src"]].difference_update(body["values"])


threading.Thread(target=retry, daemon=True).start()
for line in sys.stdin:
    with lock:
        handle(json.loads(line))
