import { createHash } from "node:crypto";
import { AssociationError } from "./errors.js";
import type { AccountIdentifier } from "../association/member.js";

const ADDRESS = /^0x[0-9a-fA-F]{40}$/;

/**
 * The inbox id that an owner and a nonce make: hex sha256 of the identifier and the decimal nonce.
 *
 * @throws AssociationError for an Ethereum address that is not `0x` and 40 hex digits.
 */
export function inboxIdOf(owner: AccountIdentifier, nonce: bigint): string {
  if (owner.kind === "ethereum" && !ADDRESS.test(owner.value))
    throw new AssociationError("Invalid account address: Must be 42 hex characters, starting with '0x'.");
  return createHash("sha256").update(`${owner.value}${nonce}`).digest("hex");
}
