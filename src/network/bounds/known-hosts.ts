import { isIP } from "node:net";
import { XmtpTestError } from "../../errors.js";

/** Names that no public DNS server answers for: RFC 6761 keeps `localhost`, and ICANN `internal`, for private use. */
const PRIVATE = /(^|\.)(localhost|internal)$/u;

/**
 * The names that a server on the loopback address answers to. A web page of a stranger can point a name of its own at 127.0.0.1 (DNS
 * rebinding), and would then reach the node as its own origin; its requests carry that name.
 *
 * Known are addresses, names without a dot (of this machine, or of a container beside it), `localhost`, `*.localhost`, `*.internal`
 * (`host.docker.internal`), and what the user names.
 */
export class KnownHosts {
  readonly #names: ReadonlySet<string>;

  /** @param names further names, without a port */
  constructor(names: readonly string[] = []) {
    this.#names = new Set(names.map((name) => name.toLowerCase()));
  }

  /** @param authority a request's `Host` or `:authority`; a request without one comes from no browser */
  knows(authority: string | undefined): boolean {
    if (authority === undefined || authority === "") return true;
    const name = hostOf(authority);
    if (name === undefined) return false;
    return isIP(name) !== 0 || !name.includes(".") || PRIVATE.test(name) || this.#names.has(name);
  }

  /** What a request under another name is told. */
  static refusal(authority: string | undefined): string {
    return (
      `this node does not answer to the name ${JSON.stringify(authority ?? "")}: ` +
      "start it with this name among allowedHosts (--allow-host)"
    );
  }
}

/** @throws XmtpTestError `INVALID_OPTION` for what is not a list of names */
export function checkHosts(names: readonly string[]): readonly string[] {
  for (const name of names) {
    if (typeof name === "string" && (isIP(name) !== 0 || hostOf(name) === name.toLowerCase())) continue;
    throw new XmtpTestError(
      "INVALID_OPTION",
      `The node's option allowedHosts has ${JSON.stringify(name)}, which is not a host name.`,
      'Give names without scheme, port and path, for example ["chaos.example.org"].',
    );
  }
  return names;
}

/** The host without its port, a final dot, and the brackets of an IPv6 address; in lower case. Undefined for what is none. */
function hostOf(authority: string): string | undefined {
  const parts = /^(?:\[(?<v6>[^\]]*)\]|(?<name>[^:/@[\]\s]+?)\.?)(?::\d*)?$/u.exec(
    authority.toLowerCase(),
  )?.groups;
  return parts?.["v6"] ?? parts?.["name"];
}
