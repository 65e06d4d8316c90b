/**
 * The errors of simulated files.
 *
 * @module
 */

/** The names of errors of POSIX. */
export type FileErrorCode =
  | "EACCES"
  | "EBADF"
  | "EBUSY"
  | "EEXIST"
  | "EFBIG"
  | "EINVAL"
  | "EISDIR"
  | "ENOENT"
  | "ENOTDIR"
  | "ENOTEMPTY";

/** An operation on files is not possible. Its program receives the code, and continues. */
export class FileError extends Error {
  override readonly name = "FileError";
  readonly code: FileErrorCode;
  /** Whether the path is outside of the node's folder. */
  readonly isOutside: boolean;

  constructor(code: FileErrorCode, isOutside = false) {
    super(code);
    this.code = code;
    this.isOutside = isOutside;
  }
}
