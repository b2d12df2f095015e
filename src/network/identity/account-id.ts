import { AssociationError, invalidString, noVerifier } from "./errors.js";

/** A CAIP-10 account: chain and address. */
export interface AccountId {
  /** CAIP-2, for example `eip155:1` */
  readonly chain: string;
  readonly address: string;
}

const CHAIN = /^[-a-z0-9]{3,8}:[-_a-zA-Z0-9]{1,32}$/;
const ADDRESS = /^[-.%a-zA-Z0-9]{1,128}$/;
const EIP155 = /^eip155:(\d{1,20})$/;

/** @throws AssociationError for anything that is not `namespace:reference:address`. */
export function parseAccountId(text: string): AccountId {
  const parts = text.split(":");
  const [namespace, reference, address] = parts;
  if (parts.length !== 3 || address === undefined)
    throw invalid(`type account_id has invalid length. expected 3 got ${parts.length}`);
  const chain = `${namespace}:${reference}`;
  if (!CHAIN.test(chain) || !ADDRESS.test(address)) {
    throw invalid(`type eth account_id invalid. expected well-formed chain_id & address, got ${text}`);
  }
  return { chain, address };
}

function invalid(message: string): AssociationError {
  return new AssociationError(message, { debug: "Deserialization(InvalidAccountId)" });
}

/**
 * The number of an EVM chain.
 *
 * @throws AssociationError UNAVAILABLE for a chain that is not one: the real node looks for a verifier by the chain's
 * whole name, and has none.
 */
export function evmChainId({ chain }: AccountId): bigint {
  const digits = EIP155.exec(chain)?.[1];
  const number = BigInt(digits ?? 0);
  if (BigInt.asUintN(64, number).toString() !== digits) throw noVerifier(chain);
  return number;
}

/**
 * An account's address as alloy parses it, with or without its 0x; lower case, because clients need not send the
 * checksum that mixed case stands for.
 *
 * @throws AssociationError for anything else
 */
export function evmAddress(text: string): `0x${string}` {
  const digits = /^(?:0x)?([0-9a-fA-F]{40})$/u.exec(text)?.[1];
  if (digits === undefined) throw invalidString();
  return `0x${digits.toLowerCase()}`;
}
