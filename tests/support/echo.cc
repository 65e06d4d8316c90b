// Echo in C++ with its standard library: no JSON parser, since the fields of these messages are known.
#include <iostream>
#include <string>

// Returns the JSON text of a field whose name occurs once in the line.
static std::string field(const std::string& line, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  size_t begin = line.find(key);
  if (begin == std::string::npos) return "null";
  begin += key.size();
  int depth = 0;
  bool quoted = false;
  for (size_t end = begin; end < line.size(); end++) {
    const char c = line[end];
    if (quoted && c == '\\') end++;
    else if (c == '"') quoted = !quoted;
    else if (quoted) continue;
    else if (c == '{' || c == '[') depth++;
    else if (c == '}' || c == ']' || c == ',') {
      if (depth == 0) return line.substr(begin, end - begin);
      if (c != ',') depth--;
    }
  }
  return "null";
}

int main() {
  std::string line;
  while (std::getline(std::cin, line)) {
    const bool is_init = field(line, "type") == "\"init\"";
    std::cout << "{\"src\":" << field(line, "dest") << ",\"dest\":" << field(line, "src")
              << ",\"body\":{\"type\":\"" << (is_init ? "init_ok" : "echo_ok")
              << "\",\"in_reply_to\":" << field(line, "msg_id");
    if (!is_init) std::cout << ",\"echo\":" << field(line, "echo");
    std::cout << "}}" << std::endl;
  }
}
