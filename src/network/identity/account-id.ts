import { AssociationError } from "./errors.js";

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
  const [namespace, reference, address, ...rest] = text.split(":");
  const chain = `${namespace}:${reference}`;
  if (address === undefined || rest.length > 0 || !CHAIN.test(chain) || !ADDRESS.test(address))
    throw new AssociationError(`Invalid account id: ${JSON.stringify(text)}`);
  return { chain, address };
}

/** The number of an EVM chain. */
export function evmChainId({ chain }: AccountId): bigint {
  const digits = EIP155.exec(chain)?.[1];
  const number = BigInt(digits ?? 0);
  if (digits === undefined || BigInt.asUintN(64, number) !== number) {
    throw new AssociationError(
      chain.startsWith("eip155:") ? "Chain ID is not a valid u64" : "Chain ID is not prefixed with eip155:",
    );
  }
  return number;
}
