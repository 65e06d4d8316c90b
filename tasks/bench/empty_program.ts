/**
 * An empty program: its run time is Deno's own start-up and exit.
 *
 * @module
 */
