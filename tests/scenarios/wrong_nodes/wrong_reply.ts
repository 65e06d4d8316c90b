/**
 * What the table of wrong replies consists of.
 *
 * @module
 */

import { Double, type Json, type JsonObject } from "../../../lib/base/mod.ts";
import type { CorrectService, Reply } from "./correct_service.ts";

/** Returns the reply that a wrong node sends instead of the correct one; undefined for none. */
export type Falsify = (
  reply: Reply,
  request: JsonObject,
  service: CorrectService,
) => JsonObject | undefined;

/** A kind of wrong reply. */
export interface WrongReply {
  /** Completes the sentence "The node …". */
  readonly name: string;
  /** The type of the requests with wrong replies. */
  readonly to: string;
  readonly reply: Falsify;
  /** Every how many requests of the type the reply is wrong; 3 by default. */
  readonly every?: number;
  /** The expected verdict; invalid by default. */
  readonly valid?: boolean;
}

/** Returns a value with each integer in it as a fraction, such as 1.0. */
export function asFractions(value: Json | undefined): Json {
  if (typeof value === "number") return new Double(value) as unknown as Json;
  if (Array.isArray(value)) return value.map(asFractions);
  return value ?? null;
}

/** Returns a reply with another value of a field. */
export function withField(name: string, change: (value: Json) => Json | undefined): Falsify {
  return (reply) => {
    const { [name]: value, ...others } = reply;
    const changed = change(value ?? null);
    return changed === undefined ? others : { ...others, [name]: changed };
  };
}
