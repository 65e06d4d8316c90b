// Uses files as its host allows, and prints what happened. As a native program it does the same.
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Read, Seek, SeekFrom, Write};
use std::path::Path;

fn show<T: std::fmt::Debug>(what: &str, result: io::Result<T>) {
    match result {
        Ok(value) => eprintln!("{}: {:?}", what, value),
        // The texts and the numbers of errors differ from one operating system to the other.
        Err(error) => match error.kind() {
            ErrorKind::NotFound | ErrorKind::AlreadyExists | ErrorKind::PermissionDenied => {
                eprintln!("{}: {:?}", what, error.kind())
            }
            _ => eprintln!("{}: an error", what),
        },
    }
}

fn names(path: &str) -> io::Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        let end = if entry.file_type()?.is_dir() { "/" } else { "" };
        names.push(format!("{}{}", entry.file_name().to_string_lossy(), end));
    }
    names.sort();
    Ok(names)
}

fn change_file(path: &str) -> io::Result<String> {
    let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
    file.write_all(b"0123456789")?;
    file.seek(SeekFrom::End(-4))?;
    file.write_all(b"ab")?;
    file.sync_all()?;
    file.sync_data()?;
    file.set_len(9)?;
    let mut text = String::new();
    file.seek(SeekFrom::Start(0))?;
    file.read_to_string(&mut text)?;
    let status = file.metadata()?;
    Ok(format!("{} {} {}", text, status.len(), status.is_file()))
}

fn main() -> io::Result<()> {
    if let Some(outside) = std::env::args().nth(1) {
        show(&outside, File::open(&outside).map(|_| ()));
        show("mkdir beside", fs::create_dir("beside"));
        return Ok(());
    }
    show("mkdir", fs::create_dir_all("storage/x/y"));
    show("change", change_file("storage/x/a"));
    show("change again", change_file("storage/x/a"));
    show("append", OpenOptions::new().append(true).open("storage/x/a")?.write(b"end"));
    show("text", fs::read_to_string("storage/x/a"));
    show("copy", fs::copy("storage/x/a", "storage/x/y/b"));
    show("link", fs::hard_link("storage/x/a", "storage/x/c"));
    show("link again", fs::hard_link("storage/x/a", "storage/x/c"));
    show("rename", fs::rename("storage/x/y/b", "storage/x/d"));
    show("rename nothing", fs::rename("storage/x/y/b", "storage/x/e"));
    show("names", names("storage/x"));
    show("exists", Ok(Path::new("storage/x/d").exists()));
    show("remove", fs::remove_file("storage/x/d"));
    show("remove a folder that is not empty", fs::remove_dir("storage/x"));
    for index in 0..300 {
        fs::write(format!("storage/x/y/entry-{}", index), "entry")?;
    }
    show("fsync of the folder", File::open("storage")?.sync_all());
    show("remove all", fs::remove_dir_all("storage/x"));
    show("names", names("storage"));
    show("names of nothing", names("storage/x"));
    Ok(())
}
