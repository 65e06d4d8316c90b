// Broadcast: a value that a client sends to one node must eventually be read from all nodes.
//
// A node forwards each new value to its neighbours. It keeps the value in a set for each neighbour
// until that neighbour acknowledges it, and sends the whole set again every retryInterval. So no
// value is lost under a partition: it is sent until the partition heals.
//
// With a duration as its argument, such as 200ms, a node collects acknowledgements for that time and
// sends them in one message. That saves a third of the messages, and delays no value.
//
//	(cd examples/go && go build -o /tmp/broadcast ./broadcast)
//	deno task maelstrom test -w broadcast --bin /tmp/broadcast --node-count 5 \
//	  --time-limit 20 --rate 10 --nemesis partition
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"
	"sync"
	"time"
)

const retryInterval = 200 * time.Millisecond

type message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

// A body has only the fields of its type; the others are left out.
type body struct {
	Type      string              `json:"type"`
	MsgID     int                 `json:"msg_id,omitempty"`
	InReplyTo int                 `json:"in_reply_to,omitempty"`
	NodeID    string              `json:"node_id,omitempty"`
	Topology  map[string][]string `json:"topology,omitempty"`
	Message   int64               `json:"message,omitempty"`
	// A pointer, because the reply to a read has a list even when it is empty.
	Messages *[]int64 `json:"messages,omitempty"`
	Values   []int64  `json:"values,omitempty"`
}

type set map[int64]struct{}

func (s set) list() []int64 {
	list := []int64{}
	for value := range s {
		list = append(list, value)
	}
	return list
}

// Two goroutines use a node: the main loop and the retries. The mutex guards all fields.
type node struct {
	mutex  sync.Mutex
	id     string
	output *json.Encoder
	values set
	// For each neighbour, the values that it has not acknowledged yet.
	pending map[string]set
	// For each neighbour, the values that this node has to acknowledge, if it collects them.
	received map[string]set
	ackDelay time.Duration
}

func (n *node) send(dest string, content body) {
	if err := n.output.Encode(message{n.id, dest, content}); err != nil {
		log.Fatal(err)
	}
}

// receive stores values and forwards the new ones, except to the neighbour that sent them.
func (n *node) receive(values []int64, sender string) {
	var added []int64
	for _, value := range values {
		if _, ok := n.values[value]; !ok {
			n.values[value] = struct{}{}
			added = append(added, value)
		}
	}
	if len(added) == 0 {
		return
	}
	for neighbour, unacknowledged := range n.pending {
		if neighbour == sender {
			continue
		}
		for _, value := range added {
			unacknowledged[value] = struct{}{}
		}
		n.send(neighbour, body{Type: "gossip", Values: added})
	}
}

func (n *node) retry() {
	for neighbour, unacknowledged := range n.pending {
		if len(unacknowledged) > 0 {
			n.send(neighbour, body{Type: "gossip", Values: unacknowledged.list()})
		}
	}
}

func (n *node) collect(values []int64, sender string) {
	if n.received[sender] == nil {
		n.received[sender] = set{}
	}
	for _, value := range values {
		n.received[sender][value] = struct{}{}
	}
}

func (n *node) acknowledge() {
	for sender, values := range n.received {
		n.send(sender, body{Type: "gossip_ok", Values: values.list()})
		delete(n.received, sender)
	}
}

func (n *node) every(interval time.Duration, action func()) {
	for range time.Tick(interval) {
		n.mutex.Lock()
		action()
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
	case "topology":
		for _, neighbour := range received.Topology[n.id] {
			n.pending[neighbour] = set{}
			for value := range n.values {
				n.pending[neighbour][value] = struct{}{}
			}
		}
	case "broadcast":
		n.receive([]int64{received.Message}, "")
	case "read":
		values := n.values.list()
		reply.Messages = &values
	case "gossip":
		n.receive(received.Values, request.Src)
		// Acknowledges values that this node had before, too: the first acknowledgement may be lost.
		reply.Values = received.Values
		if n.ackDelay > 0 {
			n.collect(received.Values, request.Src)
			return
		}
	case "gossip_ok":
		for _, value := range received.Values {
			delete(n.pending[request.Src], value)
		}
		return
	}
	n.send(request.Src, reply)
}

func main() {
	n := &node{
		output:   json.NewEncoder(os.Stdout),
		values:   set{},
		pending:  map[string]set{},
		received: map[string]set{},
	}
	if len(os.Args) > 1 {
		var err error
		if n.ackDelay, err = time.ParseDuration(os.Args[1]); err != nil {
			log.Fatal(err)
		}
		go n.every(n.ackDelay, n.acknowledge)
	}
	// Values are sent again only after their acknowledgement could have arrived.
	go n.every(retryInterval+4*n.ackDelay, n.retry)
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
