// Echo: replies to each request with its payload.
//
// A node is a program that reads a JSON message on each line of stdin and prints one on each line
// of stdout. Whatever it has to say to people goes to stderr.
//
//	(cd examples/go && go build -o /tmp/echo ./echo)
//	deno task maelstrom test -w echo --bin /tmp/echo --time-limit 5
package main

import (
	"encoding/json"
	"io"
	"log"
	"os"
)

type message struct {
	Src  string         `json:"src"`
	Dest string         `json:"dest"`
	Body map[string]any `json:"body"`
}

func main() {
	input := json.NewDecoder(os.Stdin)
	output := json.NewEncoder(os.Stdout)
	for {
		var request message
		if err := input.Decode(&request); err == io.EOF {
			return
		} else if err != nil {
			log.Fatal(err)
		}
		// A reply has the number of its request.
		body := map[string]any{"in_reply_to": request.Body["msg_id"]}
		switch request.Body["type"] {
		case "init":
			// The first message names this node and all nodes: "node_id" and "node_ids".
			body["type"] = "init_ok"
		case "echo":
			body["type"] = "echo_ok"
			body["echo"] = request.Body["echo"]
		default:
			body["type"] = "error"
			body["code"] = 10
			body["text"] = "not supported"
		}
		if err := output.Encode(message{request.Dest, request.Src, body}); err != nil {
			log.Fatal(err)
		}
	}
}
