// A grow-only counter: each node has its own count, and the value is the sum of all counts.
//
// A node sends all counts that it knows to each peer that has not acknowledged them, every
// gossipInterval. A receiver keeps the higher count of each node. So messages may be lost, repeated
// and reordered.
//
//	(cd examples/go && go build -o /tmp/g_counter ./g_counter)
//	deno task maelstrom test -w g-counter --bin /tmp/g_counter --node-count 3 \
//	  --time-limit 20 --rate 100 --nemesis partition
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"
	"sync"
	"time"
)

const gossipInterval = 200 * time.Millisecond

type message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

// A body has only the fields of its type; the others are left out.
type body struct {
	Type      string   `json:"type"`
	MsgID     int      `json:"msg_id,omitempty"`
	InReplyTo int      `json:"in_reply_to,omitempty"`
	NodeID    string   `json:"node_id,omitempty"`
	NodeIDs   []string `json:"node_ids,omitempty"`
	Delta     int64    `json:"delta,omitempty"`
	// A pointer, because the reply to a read has a value even when it is 0.
	Value   *int64           `json:"value,omitempty"`
	Counts  map[string]int64 `json:"counts,omitempty"`
	Version int              `json:"version,omitempty"`
}

// Two goroutines use a node: the main loop and the gossip. The mutex guards all fields.
type node struct {
	mutex  sync.Mutex
	id     string
	output *json.Encoder
	counts map[string]int64
	// The number of changes of counts, and for each peer the number that it has acknowledged.
	version      int
	acknowledged map[string]int
}

func (n *node) send(dest string, content body) {
	if err := n.output.Encode(message{n.id, dest, content}); err != nil {
		log.Fatal(err)
	}
}

func (n *node) merge(counts map[string]int64) {
	for id, count := range counts {
		if count > n.counts[id] {
			n.counts[id] = count
			n.version++
		}
	}
}

func (n *node) sum() int64 {
	sum := int64(0)
	for _, count := range n.counts {
		sum += count
	}
	return sum
}

func (n *node) gossip() {
	for range time.Tick(gossipInterval) {
		n.mutex.Lock()
		for peer, version := range n.acknowledged {
			if version < n.version {
				n.send(peer, body{Type: "gossip", Counts: n.counts, Version: n.version})
			}
		}
		n.mutex.Unlock()
	}
}

func (n *node) handle(request message) {
	n.mutex.Lock()
	defer n.mutex.Unlock()
	received := request.Body
	if n.id == "" && received.Type != "init" {
		return // A peer may send to a restarted node before its init.
	}
	reply := body{Type: received.Type + "_ok", InReplyTo: received.MsgID}
	switch received.Type {
	case "init":
		n.id = received.NodeID
		for _, id := range received.NodeIDs {
			if id != n.id {
				n.acknowledged[id] = 0
			}
		}
	case "add":
		if received.Delta > 0 {
			n.counts[n.id] += received.Delta
			n.version++
		}
	case "read":
		value := n.sum()
		reply.Value = &value
	case "gossip":
		n.merge(received.Counts)
		reply.Version = received.Version
	case "gossip_ok":
		// An acknowledgement may arrive late, after that of a later version.
		if received.Version > n.acknowledged[request.Src] {
			n.acknowledged[request.Src] = received.Version
		}
		return
	}
	n.send(request.Src, reply)
}

func main() {
	n := &node{
		output:       json.NewEncoder(os.Stdout),
		counts:       map[string]int64{},
		acknowledged: map[string]int{},
	}
	go n.gossip()
	input := json.NewDecoder(os.Stdin)
	for {
		var request message
		if err := input.Decode(&request); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		n.handle(request)
	}
}
