import { variable } from "../environment.js";
import { XmtpTestError } from "../errors.js";
import { ToxiproxyControl, parseVersion } from "./control/control.js";
import { ControlHttp } from "./control/http.js";
import { normalizeUrl } from "./control/url.js";
import type { ControlOptions } from "./control/control.js";
import type { HttpOptions } from "./control/http.js";
import type { Placement } from "./control/placement.js";

/**
 * Options of {@link connectToxiproxy}: how the server is called, and where its proxies listen. They are also the defaults of
 * each {@link RemoteToxiproxy.control}.
 */
export interface RemoteOptions extends HttpOptions, Placement {}

/** A Toxiproxy server that runs elsewhere and may have other users. */
export interface RemoteToxiproxy {
  readonly kind: "remote";
  /** Base address of the control API, put right: with a scheme, without trailing slashes. */
  readonly url: string;
  /** As the server says; "git" when it was built from source. */
  readonly version: string;
  /**
   * A hand on this server with its own proxies. Its options default to those of {@link connectToxiproxy}, and
   * `checkPorts` to true.
   *
   * @throws XmtpTestError `TOXIPROXY_PORTS` for a port range that makes no sense
   */
  control(options?: ControlOptions): ToxiproxyControl;
}

/**
 * Checks that a Toxiproxy server answers at `url` (a missing scheme and trailing slashes are put right).
 * The token defaults to `TOXIPROXY_AUTH_TOKEN`, the variable the server itself reads.
 *
 * @throws XmtpTestError `TOXIPROXY_BAD_URL`; `TOXIPROXY_UNREACHABLE` or `TOXIPROXY_TIMEOUT` when nothing
 *   answers; `TOXIPROXY_AUTH` when it asks for a token; `TOXIPROXY_NOT_TOXIPROXY` when something else does
 */
export async function connectToxiproxy(url: string, options: RemoteOptions = {}): Promise<RemoteToxiproxy> {
  const base = normalizeUrl(url);
  const token = options.token ?? variable("TOXIPROXY_AUTH_TOKEN");
  const all: RemoteOptions = token === undefined ? options : { ...options, token };
  const text = await new ControlHttp(all).getText(`${base}/version`);
  const version = parseVersion(text);
  if (version === "") {
    throw new XmtpTestError(
      "TOXIPROXY_NOT_TOXIPROXY",
      `Something that is not Toxiproxy answers at ${base} (${JSON.stringify(text.slice(0, 80))}).`,
      "Give the control API's address (port 8474 by default), not a proxied port.",
    );
  }
  return {
    kind: "remote",
    url: base,
    version,
    control: (more = {}) => new ToxiproxyControl(base, { checkPorts: true, ...all, ...more }),
  };
}
