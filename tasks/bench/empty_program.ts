/**
 * Does nothing: what is left of a program's start-up is Deno's own.
 *
 * @module
 */
