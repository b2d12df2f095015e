import { lookup } from "node:dns/promises";
import { isIP } from "node:net";

/** A listen or dial address that cannot be used; the text is Go's, without its "listen tcp: " in front. */
export class AddressError extends Error {}

/** A TCP address after its name has been looked up. */
export interface ResolvedAddress {
  /** IP address, or "" for every interface. */
  readonly host: string;
  readonly port: number;
  /** As Go prints it: `127.0.0.1:80`, `[::1]:80`, `:80`. */
  readonly text: string;
}

/** Service names that Go knows without a services file; others must be numbers. */
const services: Readonly<Record<string, number>> = { domain: 53, ftp: 21, http: 80, https: 443, telnet: 23 };

/**
 * Looks an address up as Go does: IPv4 before IPv6, an empty host for every interface.
 *
 * @throws AddressError with Go's text
 */
export async function resolveAddress(address: string): Promise<ResolvedAddress> {
  if (address === "") return { host: "", port: 0, text: ":0" };
  const { host, port: service } = splitHostPort(address);
  const port = portOf(service);
  const ip = await lookUp(host);
  return { host: ip, port, text: joinHostPort(ip, port) };
}

export function joinHostPort(host: string, port: number): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Splits `host:port`, `[v6]:port` and `:port`. */
export function splitHostPort(address: string): { host: string; port: string } {
  const fail = (why: string): never => {
    throw new AddressError(`address ${address}: ${why}`);
  };
  const colon = address.lastIndexOf(":");
  if (colon < 0) return fail("missing port in address");
  if (address.startsWith("[")) {
    const end = address.indexOf("]");
    if (end < 0) return fail("missing ']' in address");
    if (end + 1 === address.length) return fail("missing port in address");
    if (end + 1 !== colon) {
      return fail(address[end + 1] === ":" ? "too many colons in address" : "missing port in address");
    }
    return { host: address.slice(1, end), port: address.slice(colon + 1) };
  }
  const host = address.slice(0, colon);
  if (host.includes(":")) return fail("too many colons in address");
  if (host.includes("[")) return fail("unexpected '[' in address");
  if (host.includes("]")) return fail("unexpected ']' in address");
  return { host, port: address.slice(colon + 1) };
}

function portOf(service: string): number {
  if (service === "") return 0;
  if (/^[+-]?\d+$/.test(service)) {
    const port = Number(service);
    if (port < 0 || port > 65_535) throw new AddressError(`address ${service}: invalid port`);
    return port;
  }
  const known = services[service.toLowerCase()];
  if (known === undefined) throw new AddressError(`lookup tcp/${service}: unknown port`);
  return known;
}

async function lookUp(host: string): Promise<string> {
  if (host === "" || isIP(host) !== 0) return host;
  try {
    const found = await lookup(host, { all: true });
    const chosen = found.find(({ family }) => family === 4) ?? found[0];
    if (chosen) return chosen.address;
  } catch {
    // Every failure of a look-up reads the same to a client of the control API.
  }
  throw new AddressError(`lookup ${host}: no such host`);
}
