// Broadcast: a value that a client sends to one node must eventually be read from all nodes.
//
// A node forwards each new value to its neighbours. It keeps the value in a set for each neighbour
// until that neighbour acknowledges it, and sends the whole set again every RETRY_MS. So no value is
// lost under a partition: it is sent until the partition heals.
//
// With the argument "storage" a node also keeps its values in that folder of its working directory.
// A value is durable before the node acknowledges it, so a node may be killed, or lose its power.
//
// As a native program, and for WASI (Debian: apt-get install clang lld wasi-libc):
//
//   cc -O2 -o /tmp/broadcast examples/c/broadcast.c
//   clang --target=wasm32-wasi --sysroot=/usr -O2 -o /tmp/broadcast.wasm examples/c/broadcast.c
//   deno task explore broadcast --bin /tmp/broadcast.wasm --nemesis partition,loss,pause
//   deno task explore broadcast --bin /tmp/broadcast.wasm --nemesis kill,disk -- storage
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { RETRY_MS = 200, MAX_NEIGHBOURS = 64, ID_BYTES = 64, READ_BYTES = 4096 };

typedef struct {
  long *items;
  size_t count, capacity;
} set;

typedef struct {
  char id[ID_BYTES];
  set pending;
} neighbour;

static char node_id[ID_BYTES];
static set values;
static neighbour neighbours[MAX_NEIGHBOURS];
static size_t neighbour_count;
static int keeps_values = 0;
// A line of the log is a neighbour's id or a value.
static FILE *log_file;

static void *grow(void *memory, size_t bytes) {
  void *grown = realloc(memory, bytes);
  if (grown == NULL) {
    fprintf(stderr, "out of memory: %zu bytes\n", bytes);
    exit(1);
  }
  return grown;
}

static size_t find(const set *s, long value) {
  size_t index = 0;
  while (index < s->count && s->items[index] != value) index++;
  return index;
}

// Returns whether the value is new.
static int add(set *s, long value) {
  if (find(s, value) < s->count) return 0;
  if (s->count == s->capacity) {
    s->capacity = s->capacity == 0 ? 16 : 2 * s->capacity;
    s->items = grow(s->items, s->capacity * sizeof *s->items);
  }
  s->items[s->count++] = value;
  return 1;
}

static void delete(set *s, long value) {
  size_t index = find(s, value);
  if (index < s->count) s->items[index] = s->items[--s->count];
}

// Returns the start of a field's value. The messages of this protocol have no name twice.
static const char *field(const char *json, const char *name) {
  char quoted[ID_BYTES + 3];
  snprintf(quoted, sizeof quoted, "\"%s\"", name);
  for (const char *at = json; (at = strstr(at, quoted)) != NULL;) {
    at += strlen(quoted);
    at += strspn(at, " ");
    if (*at == ':') return at + 1 + strspn(at + 1, " ");
  }
  return NULL;
}

// Copies the string at a position in JSON, without its quotes; node ids and types have no escapes.
static void copy_string(char *to, const char *at) {
  size_t length = at == NULL || *at != '"' ? 0 : strcspn(at + 1, "\"");
  if (length >= ID_BYTES) length = ID_BYTES - 1;
  if (length > 0) memcpy(to, at + 1, length);
  to[length] = '\0';
}

// Returns the next integer of a list and moves behind it; returns 0 at the list's end.
static int next_integer(const char **at, long *value) {
  *at += strspn(*at, "[, ");
  char *end;
  *value = strtol(*at, &end, 10);
  if (end == *at) return 0;
  *at = end;
  return 1;
}

static void print_list(const set *s) {
  putchar('[');
  for (size_t index = 0; index < s->count; index++) {
    printf(index == 0 ? "%ld" : ",%ld", s->items[index]);
  }
  putchar(']');
}

static void send_values(const char *dest, const char *type, const set *s) {
  printf("{\"src\":\"%s\",\"dest\":\"%s\",\"body\":{\"type\":\"%s\",\"values\":", node_id, dest, type);
  print_list(s);
  puts("}}");
}

// A neighbour has not acknowledged any value yet.
static void add_neighbour(const char *id) {
  if (neighbour_count == MAX_NEIGHBOURS) return;
  neighbour *n = &neighbours[neighbour_count++];
  snprintf(n->id, sizeof n->id, "%s", id);
  for (size_t index = 0; index < values.count; index++) add(&n->pending, values.items[index]);
}

static void require(int succeeded, const char *operation) {
  if (succeeded) return;
  perror(operation);
  exit(1);
}

static void sync_log(void) {
  if (!keeps_values) return;
  require(fflush(log_file) == 0, "write the log");
  require(fsync(fileno(log_file)) == 0, "fsync the log");
}

// Opens the log and reads it. A loss of power may have torn its last line, which is cut.
static void recover(void) {
  char path[ID_BYTES + 16], line[ID_BYTES];
  snprintf(path, sizeof path, "storage/%s.log", node_id);
  log_file = fopen(path, "a+");
  require(log_file != NULL, path);
  long complete = 0;
  rewind(log_file);
  for (char *end; fgets(line, sizeof line, log_file) != NULL; complete = ftell(log_file)) {
    if ((end = strchr(line, '\n')) == NULL) break;
    *end = '\0';
    if (line[0] == 'n') {
      add_neighbour(line);
      continue;
    }
    long value = strtol(line, NULL, 10);
    if (!add(&values, value)) continue;
    for (size_t index = 0; index < neighbour_count; index++) add(&neighbours[index].pending, value);
  }
  require(ftruncate(fileno(log_file), complete) == 0, "cut the log");
  fseek(log_file, 0, SEEK_END);
  // The name of a new file is durable after an fsync of its folder only.
  int folder = open("storage", O_RDONLY | O_DIRECTORY);
  require(folder >= 0 && fsync(folder) == 0, "fsync the folder storage");
  close(folder);
}

// Stores values and forwards the new ones, except to the neighbour that sent them.
static void receive(const set *received, const char *sender) {
  set added = {0};
  for (size_t index = 0; index < received->count; index++) {
    if (!add(&values, received->items[index])) continue;
    add(&added, received->items[index]);
    if (keeps_values) fprintf(log_file, "%ld\n", received->items[index]);
  }
  if (added.count > 0) sync_log();
  for (neighbour *n = neighbours; added.count > 0 && n < neighbours + neighbour_count; n++) {
    if (strcmp(n->id, sender) == 0) continue;
    for (size_t index = 0; index < added.count; index++) add(&n->pending, added.items[index]);
    send_values(n->id, "gossip", &added);
  }
  free(added.items);
}

static void retry(void) {
  for (neighbour *n = neighbours; n < neighbours + neighbour_count; n++) {
    if (n->pending.count > 0) send_values(n->id, "gossip", &n->pending);
  }
}

static void set_topology(const char *line) {
  const char *at = field(field(line, "topology"), node_id);
  if (at == NULL) return;
  for (at++; *(at += strspn(at, ", ")) == '"';) {
    char id[ID_BYTES];
    copy_string(id, at);
    at += strlen(id) + 2;
    add_neighbour(id);
    if (keeps_values) fprintf(log_file, "%s\n", id);
  }
  sync_log();
}

static void handle(const char *line) {
  char src[ID_BYTES], type[ID_BYTES];
  copy_string(src, field(line, "src"));
  copy_string(type, field(line, "type"));
  // A peer may send to a restarted node before its init.
  if (node_id[0] == '\0' && strcmp(type, "init") != 0) return;
  set received = {0};
  const char *list = field(line, "values");
  for (long value; list != NULL && next_integer(&list, &value);) add(&received, value);

  if (strcmp(type, "gossip") == 0) {
    receive(&received, src);
    // Acknowledges values that this node had before, too: the first acknowledgement may be lost.
    send_values(src, "gossip_ok", &received);
  } else if (strcmp(type, "gossip_ok") == 0) {
    for (neighbour *n = neighbours; n < neighbours + neighbour_count; n++) {
      if (strcmp(n->id, src) != 0) continue;
      for (size_t index = 0; index < received.count; index++) {
        delete(&n->pending, received.items[index]);
      }
    }
  } else if (field(line, "msg_id") != NULL) {
    if (strcmp(type, "init") == 0) {
      copy_string(node_id, field(line, "node_id"));
      if (keeps_values) recover();
    }
    if (strcmp(type, "topology") == 0) set_topology(line);
    if (strcmp(type, "broadcast") == 0) {
      add(&received, strtol(field(line, "message"), NULL, 10));
      receive(&received, "");
    }
    printf("{\"src\":\"%s\",\"dest\":\"%s\",\"body\":{\"type\":\"%s_ok\",\"in_reply_to\":%ld",
           node_id, src, type, strtol(field(line, "msg_id"), NULL, 10));
    if (strcmp(type, "read") == 0) {
      printf(",\"messages\":");
      print_list(&values);
    }
    puts("}}");
  }
  free(received.items);
}

static long now_ms(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * 1000L + time.tv_nsec / 1000000L;
}

int main(int count, char **arguments) {
  keeps_values = count > 1 && strcmp(arguments[1], "storage") == 0;
  char *line = grow(NULL, READ_BYTES);
  size_t length = 0, capacity = READ_BYTES;
  long next_retry = now_ms() + RETRY_MS;
  for (;;) {
    long left = next_retry - now_ms();
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    if (left > 0 && poll(&input, 1, (int)left) > 0) {
      if (capacity - length < READ_BYTES) line = grow(line, capacity *= 2);
      ssize_t received = read(STDIN_FILENO, line + length, capacity - length - 1);
      if (received <= 0) return 0;
      length += (size_t)received;
      line[length] = '\0';
      for (char *end; (end = strchr(line, '\n')) != NULL;) {
        *end = '\0';
        handle(line);
        length -= (size_t)(end + 1 - line);
        memmove(line, end + 1, length + 1);
      }
    } else {
      retry();
      next_retry = now_ms() + RETRY_MS;
    }
    fflush(stdout);
  }
}
