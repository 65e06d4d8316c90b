// Replicated logs as in Kafka: each key has an owner, which stores the log of the key.
//
// Every node computes the owner from the key, so all agree on it. A node forwards what is about
// other keys to their owners, as requests of its own, and replies when all have replied. A request
// whose reply is lost stays without a reply, as the client's requests do: its outcome is unknown.
//
//	(cd examples/go && go build -o /tmp/kafka ./kafka)
//	deno task maelstrom test -w kafka --bin /tmp/kafka --node-count 2 --concurrency 2n \
//	  --time-limit 20 --rate 1000
package main

import (
	"encoding/json"
	"hash/fnv"
	"io"
	"log"
	"os"
	"sort"
)

type message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

// An entry is a pair of an offset and a message.
type entry [2]json.RawMessage

// A body has only the fields of its type; the others are left out.
type body struct {
	Type      string          `json:"type"`
	MsgID     int             `json:"msg_id,omitempty"`
	InReplyTo int             `json:"in_reply_to,omitempty"`
	NodeID    string          `json:"node_id,omitempty"`
	NodeIDs   []string        `json:"node_ids,omitempty"`
	Key       string          `json:"key,omitempty"`
	Keys      []string        `json:"keys,omitempty"`
	Msg       json.RawMessage `json:"msg,omitempty"`
	// Pointers, because a reply has these fields even when they are 0 or empty.
	Offset  *int                `json:"offset,omitempty"`
	Offsets *map[string]int     `json:"offsets,omitempty"`
	Msgs    *map[string][]entry `json:"msgs,omitempty"`
}

// A call is a request to another node that has no reply yet.
type call func(reply body)

type node struct {
	id        string
	ids       []string
	output    *json.Encoder
	logs      map[string][]json.RawMessage
	committed map[string]int
	calls     map[int]call
	lastMsgID int
	// The replies to sends of other nodes, by node and msg_id: the network may repeat a message.
	replies map[string]map[int]body
}

func (n *node) send(dest string, content body) {
	if err := n.output.Encode(message{n.id, dest, content}); err != nil {
		log.Fatal(err)
	}
}

func (n *node) call(dest string, content body, handle call) {
	n.lastMsgID++
	content.MsgID = n.lastMsgID
	n.calls[content.MsgID] = handle
	n.send(dest, content)
}

func (n *node) owner(key string) string {
	hash := fnv.New32a()
	hash.Write([]byte(key))
	return n.ids[hash.Sum32()%uint32(len(n.ids))]
}

// byOwner groups keys, and returns the owners in order.
func (n *node) byOwner(keys []string) ([]string, map[string][]string) {
	groups := map[string][]string{}
	for _, key := range keys {
		groups[n.owner(key)] = append(groups[n.owner(key)], key)
	}
	owners := []string{}
	for owner := range groups {
		owners = append(owners, owner)
	}
	sort.Strings(owners)
	return owners, groups
}

func keysOf(offsets map[string]int) []string {
	keys := []string{}
	for key := range offsets {
		keys = append(keys, key)
	}
	return keys
}

func (n *node) append(key string, msg json.RawMessage) int {
	n.logs[key] = append(n.logs[key], msg)
	return len(n.logs[key]) - 1
}

func (n *node) poll(key string, from int) []entry {
	entries := []entry{}
	for offset := from; offset < len(n.logs[key]); offset++ {
		text, _ := json.Marshal(offset)
		entries = append(entries, entry{text, n.logs[key][offset]})
	}
	return entries
}

func (n *node) commit(key string, offset int) {
	if old, ok := n.committed[key]; !ok || offset > old {
		n.committed[key] = offset
	}
}

// own serves a request about keys of this node.
func (n *node) own(request body) body {
	reply := body{Type: request.Type + "_ok"}
	switch request.Type {
	case "send":
		offset := n.append(request.Key, request.Msg)
		reply.Offset = &offset
	case "poll":
		msgs := map[string][]entry{}
		for key, from := range *request.Offsets {
			msgs[key] = n.poll(key, from)
		}
		reply.Msgs = &msgs
	case "commit_offsets":
		for key, offset := range *request.Offsets {
			n.commit(key, offset)
		}
	case "list_committed_offsets":
		offsets := map[string]int{}
		for _, key := range request.Keys {
			if offset, ok := n.committed[key]; ok {
				offsets[key] = offset
			}
		}
		reply.Offsets = &offsets
	}
	return reply
}

// part returns a request about some of the keys of a request.
func part(request body, keys []string) body {
	switch request.Type {
	case "list_committed_offsets":
		request.Keys = keys
	case "poll", "commit_offsets":
		offsets := map[string]int{}
		for _, key := range keys {
			offsets[key] = (*request.Offsets)[key]
		}
		request.Offsets = &offsets
	}
	return request
}

// add adds the reply of an owner to the reply of a request.
func add(total *body, reply body) {
	if reply.Msgs != nil && total.Msgs != nil {
		for key, entries := range *reply.Msgs {
			(*total.Msgs)[key] = entries
		}
	}
	if reply.Offsets != nil && total.Offsets != nil {
		for key, offset := range *reply.Offsets {
			(*total.Offsets)[key] = offset
		}
	}
	if reply.Offset != nil {
		total.Offset = reply.Offset
	}
}

// serve splits a request by the owners of its keys, and replies when all have replied.
func (n *node) serve(request body, reply call) {
	keys := request.Keys
	if request.Key != "" {
		keys = []string{request.Key}
	} else if request.Offsets != nil {
		keys = keysOf(*request.Offsets)
	}
	owners, groups := n.byOwner(keys)
	// The reply to no keys is empty, but has its fields.
	total := n.own(part(body{Type: request.Type, Offsets: request.Offsets}, nil))
	if request.Type == "send" {
		total = body{Type: "send_ok"}
	}
	waiting := len(owners)
	done := func(partial body) {
		add(&total, partial)
		waiting--
		if waiting == 0 {
			reply(total)
		}
	}
	for _, owner := range owners {
		if content := part(request, groups[owner]); owner == n.id {
			done(n.own(content))
		} else {
			n.call(owner, content, done)
		}
	}
	if len(owners) == 0 {
		reply(total)
	}
}

func (n *node) handle(request message) {
	received := request.Body
	if n.id == "" && received.Type != "init" {
		return // A peer may send to a restarted node before its init.
	}
	if received.InReplyTo != 0 {
		if handle, ok := n.calls[received.InReplyTo]; ok {
			delete(n.calls, received.InReplyTo)
			handle(received)
		}
		return
	}
	reply := func(content body) {
		content.InReplyTo = received.MsgID
		n.send(request.Src, content)
	}
	switch seen, isNode := n.replies[request.Src]; {
	case received.Type == "init":
		n.id, n.ids = received.NodeID, received.NodeIDs
		for _, id := range n.ids {
			n.replies[id] = map[int]body{}
		}
		reply(body{Type: "init_ok"})
	case isNode && received.Type == "send":
		if _, ok := seen[received.MsgID]; !ok {
			seen[received.MsgID] = n.own(received)
		}
		reply(seen[received.MsgID])
	case isNode:
		reply(n.own(received))
	default:
		n.serve(received, reply)
	}
}

func main() {
	n := &node{
		output:    json.NewEncoder(os.Stdout),
		logs:      map[string][]json.RawMessage{},
		committed: map[string]int{},
		calls:     map[int]call{},
		replies:   map[string]map[int]body{},
	}
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
