// Uses files as its host allows, and prints what happened. As a native program it does the same.
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *error_name(void) {
  switch (errno) {
    case EACCES: return "EACCES";
    case EBADF: return "EBADF";
    case EEXIST: return "EEXIST";
    case EINVAL: return "EINVAL";
    case EISDIR: return "EISDIR";
    case ENOENT: return "ENOENT";
    case ENOTDIR: return "ENOTDIR";
    case ENOTEMPTY: return "ENOTEMPTY";
    case EFBIG: return "EFBIG";
    default: return strerror(errno);
  }
}

static void show(const char *what, long result) {
  if (result < 0) fprintf(stderr, "%s: %s\n", what, error_name());
  else fprintf(stderr, "%s: %ld\n", what, result);
}

static void show_file(const char *path) {
  char text[64] = "";
  int file = open(path, O_RDONLY);
  if (file < 0) return show(path, file);
  ssize_t length = read(file, text, sizeof text - 1);
  struct stat status;
  fstat(file, &status);
  fprintf(stderr, "%s has %ld of %lld bytes: ", path, (long)length, (long long)status.st_size);
  for (ssize_t index = 0; index < length; index++) fputc(text[index] == 0 ? '.' : text[index], stderr);
  fputc('\n', stderr);
  close(file);
}

static int by_name(const void *a, const void *b) {
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static void show_folder(const char *path) {
  DIR *folder = opendir(path);
  if (folder == NULL) return show(path, -1);
  char *names[64];
  size_t count = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL && count < 64;) {
    if (entry->d_name[0] == '.') continue;
    names[count] = malloc(strlen(entry->d_name) + 2);
    sprintf(names[count++], "%s%s", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
  }
  closedir(folder);
  qsort(names, count, sizeof *names, by_name);
  fprintf(stderr, "%s:", path);
  for (size_t index = 0; index < count; index++) fprintf(stderr, " %s", names[index]);
  fputc('\n', stderr);
}

enum { MANY = 300 };

// Removes each entry as soon as it is read, which takes several calls of the host.
static void remove_entries(const char *path) {
  char name[64];
  for (int index = 0; index < MANY; index++) {
    sprintf(name, "%s/entry-%d", path, index);
    close(open(name, O_WRONLY | O_CREAT, 0644));
  }
  DIR *folder = opendir(path);
  int removed = 0;
  for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
    if (entry->d_name[0] == '.') continue;
    snprintf(name, sizeof name, "%s/%.40s", path, entry->d_name);
    if (unlink(name) == 0) removed++;
  }
  closedir(folder);
  show("removed", removed);
}

static void change_names_and_times(void) {
  int file = open("storage/one", O_WRONLY | O_CREAT, 0644);
  show("link", link("storage/one", "storage/two"));
  show("link again", link("storage/one", "storage/two"));
  show("link to nothing", link("storage/none", "storage/three"));
  show("write", write(file, "both", 4));
  close(file);
  show("unlink", unlink("storage/one"));
  show_file("storage/two");
  struct timespec times[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = 1000000000}};
  struct stat status;
  show("utimensat", utimensat(AT_FDCWD, "storage/two", times, 0));
  stat("storage/two", &status);
  show("changed", (long)status.st_mtime);
  unlink("storage/two");
}

int main(int count, char **arguments) {
  if (count > 1) {
    show(arguments[1], open(arguments[1], O_RDONLY));
    show("mkdir beside", mkdir("beside", 0755));
    show("symlink", symlink("a", "storage/link"));
    show("O_SYNC", open("storage/synchronous", O_WRONLY | O_CREAT | O_SYNC, 0644));
    return 0;
  }
  show_folder("storage");
  int file = open("storage/a", O_RDWR | O_CREAT | O_EXCL, 0644);
  show("write", write(file, "0123456789", 10));
  show("position", lseek(file, 0, SEEK_CUR));
  show("seek", lseek(file, -4, SEEK_END));
  show("overwrite", write(file, "ab", 2));
  show("pwrite", pwrite(file, "XYZ", 3, 12));
  char text[8] = "";
  show("pread", pread(file, text, 3, 5));
  fprintf(stderr, "read %s\n", text);
  show("before the start", lseek(file, -1, SEEK_SET));
  show("fsync", fsync(file));
  show_file("storage/a");
  show("shorter", ftruncate(file, 4));
  show("longer", ftruncate(file, 6));
  show_file("storage/a");
  show("close", close(file));
  show("closed", close(file));
  show("exclusive", open("storage/a", O_RDWR | O_CREAT | O_EXCL, 0644));

  file = open("./storage/../storage/a", O_WRONLY | O_APPEND);
  show("append", write(file, "end", 3));
  show("read", read(file, text, 1));
  close(file);
  file = open("storage/a", O_RDONLY);
  show("write to a file that is read", write(file, "x", 1));
  close(file);
  show_file("storage/a");

  show("mkdir", mkdir("storage/folder", 0755));
  show("mkdir again", mkdir("storage/folder", 0755));
  show("mkdir below a file", mkdir("storage/a/folder", 0755));
  show("mkdir below nothing", mkdir("storage/none/folder", 0755));
  show("rename", rename("storage/a", "storage/folder/b"));
  show("rename again", rename("storage/a", "storage/folder/b"));
  show("rename into itself", rename("storage/folder", "storage/folder/c"));
  show_folder("storage");
  show_folder("storage/folder");
  show("rmdir", rmdir("storage/folder"));
  show("unlink a folder", rmdir("storage/folder/b"));
  show("a folder that is a file", open("storage/folder/b", O_RDONLY | O_DIRECTORY));
  show("write to a folder", open("storage/folder", O_WRONLY));

  FILE *stream = fopen("storage/lines", "w");
  fprintf(stream, "one\ntwo\n");
  fclose(stream);
  stream = fopen("storage/lines", "a+");
  fprintf(stream, "three\n");
  rewind(stream);
  while (fgets(text, sizeof text, stream) != NULL) fprintf(stderr, "line %s", text);
  fclose(stream);
  show("replace", rename("storage/lines", "storage/folder/b"));
  show_file("storage/folder/b");
  struct stat status;
  show("stat", stat("storage/folder", &status));
  fprintf(stderr, "a folder: %d\n", S_ISDIR(status.st_mode));
  show("stat of nothing", stat("storage/none", &status));
  show("truncate on open", (file = open("storage/folder/b", O_WRONLY | O_TRUNC)) < 0 ? -1 : 0);
  close(file);
  show_file("storage/folder/b");

  int folder = open("storage", O_RDONLY | O_DIRECTORY);
  show("fsync of the folder", fsync(folder));
  show("openat", openat(folder, "folder/b", O_RDONLY) < 0 ? -1 : 0);
  file = open("storage/folder/b", O_RDWR);
  show("unlink", unlink("storage/folder/b"));
  show("write to an unlinked file", write(file, "still", 5));
  show("rmdir", rmdir("storage/folder"));
  show_folder("storage");
  show_folder("storage/folder");
  change_names_and_times();
  mkdir("storage/many", 0755);
  remove_entries("storage/many");
  show("rmdir", rmdir("storage/many"));
  return 0;
}
