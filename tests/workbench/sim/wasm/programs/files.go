// Uses files as its host allows, and prints what happened. As a native program it does the same.
package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// The texts of errors differ from one operating system to the other.
var names = map[syscall.Errno]string{
	syscall.EACCES:    "EACCES",
	syscall.EBADF:     "EBADF",
	syscall.EEXIST:    "EEXIST",
	syscall.EISDIR:    "EISDIR",
	syscall.ENOENT:    "ENOENT",
	syscall.ENOTDIR:   "ENOTDIR",
	syscall.ENOTEMPTY: "ENOTEMPTY",
}

func show(what string, err error) {
	var errno syscall.Errno
	if err == nil {
		fmt.Fprintln(os.Stderr, what)
	} else if errors.As(err, &errno) {
		fmt.Fprintf(os.Stderr, "%s: %s\n", what, names[errno])
	} else {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
	}
}

func showFile(path string) {
	text, err := os.ReadFile(path)
	show(fmt.Sprintf("%s has %q", path, text), err)
}

func showFolder(path string) {
	entries, err := os.ReadDir(path)
	text := path + ":"
	for _, entry := range entries {
		text += " " + entry.Name()
		if entry.IsDir() {
			text += "/"
		}
	}
	show(text, err)
}

func open(path string, flags int) *os.File {
	file, err := os.OpenFile(path, flags, 0o644)
	show("open "+path, err)
	return file
}

func main() {
	if len(os.Args) > 1 {
		open(os.Args[1], os.O_RDONLY)
		show("mkdir beside", os.Mkdir("beside", 0o755))
		return
	}
	show("mkdir", os.MkdirAll("storage/x/y", 0o755))
	file := open("storage/x/a", os.O_RDWR|os.O_CREATE|os.O_EXCL)
	_, err := file.WriteString("0123456789")
	show("write", err)
	_, err = file.Seek(-4, io.SeekEnd)
	show("seek", err)
	_, err = file.WriteString("ab")
	show("overwrite", err)
	_, err = file.WriteAt([]byte("XYZ"), 12)
	show("write at 12", err)
	text := make([]byte, 3)
	_, err = file.ReadAt(text, 5)
	show("read "+string(text), err)
	_, err = file.ReadAt(make([]byte, 9), 12)
	show("read beyond the end", err)
	show("fsync", file.Sync())
	showFile("storage/x/a")
	show("shorter", file.Truncate(4))
	show("longer", file.Truncate(6))
	show("close", file.Close())
	show("closed", file.Close())
	open("storage/x/a", os.O_RDWR|os.O_CREATE|os.O_EXCL)
	file = open("storage/x/a", os.O_WRONLY|os.O_APPEND)
	_, err = file.WriteString("end")
	show("append", err)
	_, err = file.Read(text)
	show("read", err)
	file.Close()
	showFile("storage/x/a")
	show("rename", os.Rename("storage/x/a", "storage/b"))
	show("rename again", os.Rename("storage/x/a", "storage/b"))
	showFolder("storage")
	showFolder("storage/x")
	show("write", os.WriteFile("storage/b.new", []byte("new"), 0o644))
	show("replace", os.Rename("storage/b.new", "storage/b"))
	showFile("storage/b")
	show("truncate", os.Truncate("storage/b", 1))
	status, err := os.Stat("storage/b")
	show(fmt.Sprint(status.Size(), status.IsDir(), status.Mode().IsRegular()), err)
	_, err = os.Stat("storage/none")
	show(fmt.Sprint("no file: ", errors.Is(err, fs.ErrNotExist)), err)
	open("storage/x", os.O_WRONLY)
	open("storage/b/c", os.O_RDONLY)
	show("remove", os.Remove("storage/none"))
	folder := open("storage", os.O_RDONLY)
	show("fsync of the folder", folder.Sync())
	show("remove all", os.RemoveAll("storage/x"))
	show("link", os.Link("storage/b", "storage/c"))
	show("remove", os.Remove("storage/b"))
	showFile("storage/c")
	showFolder("storage")
}
