/**
 * How long clients wait for a reply, and how long a node may work on one.
 *
 * Maelstrom's client closes 5 s after it sent a request (10 latencies, but at least 1 s, in
 * lin-kv), and Maelstrom treats a reply to a closed client as a fault of the node. A node therefore
 * stops working on a client's request before that.
 *
 * @module
 */

/** How long Maelstrom's clients wait for a reply before they close. */
export const CLIENT_TIMEOUT_MS = 5000;

/**
 * How long a handler may work on a client's request. Then the request's signal aborts, and the
 * handler can still reply with an error of its own choice, such as a definite one.
 */
export const REQUEST_DEADLINE_MS = CLIENT_TIMEOUT_MS - 600;

/**
 * How long after a request the library itself replies, with error 0 (timeout), if the handler did
 * not.
 */
export const REPLY_DEADLINE_MS = CLIENT_TIMEOUT_MS - 500;
