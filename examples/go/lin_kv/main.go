// Linearizable registers on one disk: the first node serves all requests, and the others forward
// theirs to it.
//
// A change is durable in the folder "storage" of the working directory before it is acknowledged. So
// the first node may be killed, or lose its power. Where there is no such folder, as in the real
// Maelstrom, a node keeps its registers in memory only.
//
//	(cd examples/go && go build -o /tmp/lin_kv ./lin_kv)
//	deno task maelstrom test -w lin-kv --bin /tmp/lin_kv --concurrency 2n --nemesis kill
//	deno task explore lin-kv --bin examples/go/lin_kv --nemesis kill,disk,partition
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log"
	"os"
)

const folder = "storage"

type message struct {
	Src  string `json:"src"`
	Dest string `json:"dest"`
	Body body   `json:"body"`
}

// A body has only the fields of its type; the others are left out.
type body struct {
	Type      string          `json:"type"`
	MsgID     int             `json:"msg_id,omitempty"`
	InReplyTo int             `json:"in_reply_to,omitempty"`
	NodeID    string          `json:"node_id,omitempty"`
	NodeIDs   []string        `json:"node_ids,omitempty"`
	Key       json.RawMessage `json:"key,omitempty"`
	Value     json.RawMessage `json:"value,omitempty"`
	From      json.RawMessage `json:"from,omitempty"`
	To        json.RawMessage `json:"to,omitempty"`
	Code      int             `json:"code,omitempty"`
	Text      string          `json:"text,omitempty"`
	// Of a request that a node forwards, and of its reply.
	Client string `json:"client,omitempty"`
	Inner  *body  `json:"inner,omitempty"`
}

// A request is repeated when the network duplicates its message.
type requestID struct {
	client string
	msgID  int
}

// A record is a line of the log: the reply to a request that may change a register, and the
// register's new value, if there is one.
type record struct {
	Client string          `json:"client"`
	MsgID  int             `json:"msg_id"`
	Key    json.RawMessage `json:"key"`
	Value  json.RawMessage `json:"value,omitempty"`
	Reply  body            `json:"reply"`
}

type node struct {
	id      string
	primary string
	output  *json.Encoder
	file    *os.File
	values  map[string]json.RawMessage
	replies map[requestID]body
}

func (n *node) send(dest string, content body) {
	if err := n.output.Encode(message{n.id, dest, content}); err != nil {
		log.Fatal(err)
	}
}

func (n *node) apply(r record) {
	if r.Value != nil {
		n.values[string(r.Key)] = r.Value
	}
	n.replies[requestID{r.Client, r.MsgID}] = r.Reply
}

// recover opens the log and applies its records. A loss of power may have torn the last one, which
// is cut.
func (n *node) recover() error {
	file, err := os.OpenFile(folder+"/"+n.id+".log", os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o644)
	if errors.Is(err, fs.ErrNotExist) {
		log.Printf("there is no folder %s: the registers are in memory only", folder)
		return nil
	} else if err != nil {
		return err
	}
	n.file = file
	input := bufio.NewReader(file)
	complete := int64(0)
	for {
		line, err := input.ReadBytes('\n')
		if err == io.EOF {
			break
		} else if err != nil {
			return err
		}
		var r record
		if err := json.Unmarshal(line, &r); err != nil {
			return err
		}
		n.apply(r)
		complete += int64(len(line))
	}
	if err := file.Truncate(complete); err != nil {
		return err
	}
	// The name of a new file is durable after an fsync of its folder only.
	names, err := os.Open(folder)
	if err != nil {
		return err
	}
	defer names.Close()
	return names.Sync()
}

// store makes a record durable, and applies it then.
func (n *node) store(r record) error {
	if n.file != nil {
		line, err := json.Marshal(r)
		if err != nil {
			return err
		}
		if _, err := n.file.Write(append(line, '\n')); err != nil {
			return err
		}
		if err := n.file.Sync(); err != nil {
			return err
		}
	}
	n.apply(r)
	return nil
}

// execute serves a request of a client on the primary.
func (n *node) execute(client string, request body) body {
	value, ok := n.values[string(request.Key)]
	if request.Type == "read" {
		if !ok {
			return body{Type: "error", Code: 20, Text: "the key has no value"}
		}
		return body{Type: "read_ok", Value: value}
	}
	if reply, ok := n.replies[requestID{client, request.MsgID}]; ok {
		return reply
	}
	r := record{Client: client, MsgID: request.MsgID, Key: request.Key}
	r.Reply = body{Type: request.Type + "_ok"}
	switch {
	case request.Type == "write":
		r.Value = request.Value
	case !ok:
		r.Reply = body{Type: "error", Code: 20, Text: "the key has no value"}
	case string(value) != string(request.From):
		r.Reply = body{Type: "error", Code: 22, Text: "the current value is " + string(value)}
	default:
		r.Value = request.To
	}
	if err := n.store(r); err != nil {
		log.Fatal(err)
	}
	return r.Reply
}

func (n *node) handle(request message) {
	received := request.Body
	switch {
	case n.id == "" && received.Type != "init":
		// A peer may send to a restarted node before its init.
	case received.Type == "init":
		n.id, n.primary = received.NodeID, received.NodeIDs[0]
		if n.id == n.primary {
			if err := n.recover(); err != nil {
				log.Fatal(err)
			}
		}
		n.send(request.Src, body{Type: "init_ok", InReplyTo: received.MsgID})
	case received.Type == "forward":
		reply := n.execute(received.Client, *received.Inner)
		reply.InReplyTo = received.Inner.MsgID
		n.send(request.Src, body{Type: "forwarded", Client: received.Client, Inner: &reply})
	case received.Type == "forwarded":
		n.send(received.Client, *received.Inner)
	case n.id == n.primary:
		reply := n.execute(request.Src, received)
		reply.InReplyTo = received.MsgID
		n.send(request.Src, reply)
	default:
		n.send(n.primary, body{Type: "forward", Client: request.Src, Inner: &received})
	}
}

func main() {
	n := &node{
		output:  json.NewEncoder(os.Stdout),
		values:  map[string]json.RawMessage{},
		replies: map[requestID]body{},
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
