/**
 * A gateway for HTTP clients: `POST /n0` sends the body of a request to node n0 and returns the body
 * of its reply; `POST /` sends it to any node.
 *
 * The status follows from the reply: 200, or one for the code of its error. A definite error stays
 * definite: a status of 503 or 4xx means that the request had no effect.
 *
 * @module
 */

import { stringifyJson } from "../../base/mod.ts";
import { type Body, ErrorCode, isDefinite } from "../../wire/mod.ts";
import type { Subjects } from "./subjects.ts";

const DEFAULT_TIMEOUT_MS = 5000;
const MAX_TIMEOUT_MS = 60_000;
const TIMEOUT_PARAMETER = "timeout-ms";

/** Thrown when a request of NATS had no receiver. */
export class NoReceiverError extends Error {
  /** The name of the class. */
  override readonly name = "NoReceiverError";
}

/** What a gateway needs. */
export interface GatewayParts {
  readonly subjects: Subjects;
  /** Larger requests are refused. */
  readonly maxBytes: number;
  /** Whether a host, as in the header of a request, is one that the gateway has. */
  isOwnHost(host: string): boolean;
  /**
   * Sends a request; resolves to the reply. Rejects with a {@link NoReceiverError} if no node can
   * have received it, with any other error if its outcome is unknown.
   */
  request(subject: string, payload: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
}

/** HTTP's status by the code of an error. */
const STATUS: ReadonlyMap<number, number> = new Map([
  [ErrorCode.timeout, 504],
  [ErrorCode.notSupported, 501],
  [ErrorCode.temporarilyUnavailable, 503],
  [ErrorCode.malformedRequest, 400],
  [ErrorCode.abort, 409],
  [ErrorCode.keyDoesNotExist, 404],
  [ErrorCode.keyAlreadyExists, 409],
  [ErrorCode.preconditionFailed, 409],
  [ErrorCode.txnConflict, 409],
]);

/** Replies to a client's request. */
export async function respondToClient(parts: GatewayParts, request: Request): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url);
  const host = request.headers.get("host") ?? "";
  // A web page elsewhere could give its own host this address (DNS rebinding). To another host it
  // can send JSON only after a preflight request (CORS), which this gateway refuses.
  if (!parts.isOwnHost(host)) return refuse(403, `this gateway does not serve the host ${host}`);
  if (request.method !== "POST") {
    return refuse(405, `expected POST, got ${request.method}`, { allow: "POST" });
  }
  if (!/^application\/json(?:;|$)/.test(request.headers.get("content-type") ?? "")) {
    const found = request.headers.get("content-type") ?? "none";
    return refuse(415, `expected content-type: application/json, got ${found}`);
  }
  const timeoutMs = Number(searchParams.get(TIMEOUT_PARAMETER) ?? DEFAULT_TIMEOUT_MS);
  if (!(Number.isInteger(timeoutMs) && timeoutMs >= 1 && timeoutMs <= MAX_TIMEOUT_MS)) {
    const found = searchParams.get(TIMEOUT_PARAMETER);
    return refuse(
      400,
      `${TIMEOUT_PARAMETER} must be an integer from 1 to ${MAX_TIMEOUT_MS}, got "${found}"`,
    );
  }
  const node = decodePath(pathname);
  if (node === undefined) return refuse(404, "expected POST / or POST /NODE, such as /n0");
  const payload = await readBody(request, parts.maxBytes);
  if (payload === undefined) {
    return refuse(413, `a request may take at most ${parts.maxBytes} bytes`);
  }
  const { subjects } = parts;
  const subject = node === "" ? subjects.callAny : subjects.call(node);
  try {
    return forward(await parts.request(subject, payload, timeoutMs));
  } catch (error) {
    if (error instanceof NoReceiverError) {
      const text = `no node received the request${node === "" ? "" : `: ${node} is not there`}`;
      return reply({ type: "error", code: ErrorCode.temporarilyUnavailable, text });
    }
    const text = `no reply: ${error instanceof Error ? error.message : String(error)}`;
    return reply({ type: "error", code: ErrorCode.timeout, text });
  }
}

/** Returns the node that a path names, "" for any; undefined for another path. */
function decodePath(pathname: string): string | undefined {
  try {
    const node = decodeURIComponent(pathname.slice(1));
    return node.includes("/") ? undefined : node;
  } catch {
    return undefined;
  }
}

/** Reads a request's body; undefined if it is too large. */
async function readBody(request: Request, maxBytes: number): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return await new Blob(chunks).bytes();
}

/** Passes a node's reply on. Only an error needs to be parsed, for its status. */
function forward(payload: Uint8Array): Response {
  const text = new TextDecoder().decode(payload);
  const body = text.includes('"error"') ? JSON.parse(text) as Body : undefined;
  const status = body?.type === "error" ? statusOf(Number(body.code)) : 200;
  return new Response(text, { status, headers: HEADERS });
}

function statusOf(code: number): number {
  return STATUS.get(code) ?? (isDefinite(code) ? 409 : 500);
}

const HEADERS = { "content-type": "application/json", "cache-control": "no-store" };

function reply(body: Body, status = statusOf(Number(body.code)), headers = {}): Response {
  return new Response(stringifyJson(body), { status, headers: { ...HEADERS, ...headers } });
}

function refuse(status: number, text: string, headers: Record<string, string> = {}): Response {
  return reply({ type: "error", code: ErrorCode.malformedRequest, text }, status, headers);
}
