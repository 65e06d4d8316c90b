// An echo node in Go that misbehaves as its first argument says.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"math/rand"
	"net"
	"os"
	"time"
)

type message struct {
	Src  string         `json:"src"`
	Dest string         `json:"dest"`
	Body map[string]any `json:"body"`
}

//go:noinline
func spinForever() {
	for sum := 0; ; sum++ {
		if sum < 0 {
			fmt.Fprintln(os.Stderr, sum)
		}
	}
}

func misbehave(how string, requests int) {
	switch how {
	case "spin":
		spinForever()
	case "deadlock":
		<-make(chan int)
	case "forever":
		time.Sleep(1 << 62)
	case "inattentive":
		time.Sleep(20 * time.Second)
	case "panic":
		panic("a problem of the program")
	case "exit":
		os.Exit(3)
	case "file":
		_, err := os.ReadFile("/etc/passwd")
		fmt.Fprintln(os.Stderr, "read:", err)
	case "socket":
		_, err := net.Dial("tcp", "192.0.2.1:80")
		fmt.Fprintln(os.Stderr, "dial:", err)
	case "chance":
		order := ""
		for key := range map[string]int{"a": 1, "b": 2, "c": 3, "d": 4, "e": 5} {
			order += key
		}
		winner := make(chan int, 4)
		for index := 0; index < 4; index++ {
			go func(index int) { winner <- index }(index)
		}
		random := rand.New(rand.NewSource(time.Now().UnixNano())).Intn(1000)
		fmt.Fprintln(os.Stderr, requests, order, <-winner, random, time.Now().UTC().Format(time.RFC3339Nano))
	}
}

func main() {
	how := ""
	if len(os.Args) > 1 {
		how = os.Args[1]
	}
	start := time.Now()
	if how == "sleep" {
		time.Sleep(250 * time.Millisecond)
		fmt.Fprintln(os.Stderr, "slept", time.Since(start), os.Getenv("TZ"), len(os.Environ()))
	}
	output := json.NewEncoder(os.Stdout)
	input := bufio.NewScanner(os.Stdin)
	for requests := 0; input.Scan(); requests++ {
		var request message
		if err := json.Unmarshal(input.Bytes(), &request); err != nil {
			panic(err)
		}
		body := request.Body
		if body["type"] != "init" {
			misbehave(how, requests)
		}
		body["type"], body["in_reply_to"] = body["type"].(string)+"_ok", body["msg_id"]
		if err := output.Encode(message{request.Dest, request.Src, body}); err != nil {
			panic(err)
		}
	}
}
