// Echo: a node replies to each request with the text that it received.
//
// As a native program, and for WASI (`rustup target add wasm32-wasip1`; the target is wasm32-wasi
// before Rust 1.78):
//
//   rustc -O -o /tmp/echo examples/rust/echo.rs
//   rustc -O --target wasm32-wasip1 -o /tmp/echo.wasm examples/rust/echo.rs
//   deno task maelstrom test -w echo --bin /tmp/echo.wasm --engine sim --time-limit 10
use std::io::{self, BufRead, Write};

/// Returns the text of a field's value. The messages of this protocol have no name twice, and what a
/// client wants to have echoed has no quotes.
fn field<'a>(json: &'a str, name: &str) -> &'a str {
    let quoted = format!("\"{}\":", name);
    let start = match json.find(&quoted) {
        Some(at) => at + quoted.len(),
        None => return "null",
    };
    let value = json[start..].trim_start();
    let end = match value.strip_prefix('"') {
        Some(text) => text.find('"').map_or(value.len(), |at| at + 2),
        None => value.find(|c| c == ',' || c == '}').unwrap_or(value.len()),
    };
    &value[..end]
}

fn main() -> io::Result<()> {
    let mut output = io::stdout();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let echo = match field(&line, "type") {
            "\"echo\"" => format!(",\"echo\":{}", field(&line, "echo")),
            _ => String::new(),
        };
        let name = field(&line, "type").trim_matches('"');
        writeln!(
            output,
            "{{\"src\":{},\"dest\":{},\"body\":{{\"type\":\"{}_ok\",\"in_reply_to\":{}{}}}}}",
            field(&line, "dest"),
            field(&line, "src"),
            name,
            field(&line, "msg_id"),
            echo
        )?;
        output.flush()?;
    }
    Ok(())
}
