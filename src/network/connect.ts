import { XmtpTestError } from "../errors.js";
import type { XmtpNetwork } from "./types.js";

/** Which node {@link connectNetwork} goes to. A gateway goes before `url`, and `url` before the environment's own endpoint. */
export interface ConnectOptions {
  /** "local", "dev", "production", or a name of your own together with `url`. */
  readonly env: string;
  /** gRPC endpoint, for example "http://localhost:5556". Default: the environment's own. */
  readonly url?: string;
  /** A d14n gateway, which is then where clients connect, in place of `url`. */
  readonly gatewayUrl?: string;
  /** Message history server. Default: the environment's own; none when `url` or `gatewayUrl` is given. */
  readonly historyUrl?: string;
  /** How long the node may take to answer. Default 10,000 ms, the SDK's own connect timeout. */
  readonly timeoutMs?: number;
}

interface Endpoints {
  readonly url: string;
  readonly historyUrl: string;
}

/** Public endpoints, as node-sdk's `ApiUrls` and `HistorySyncUrls` have them. */
const ENVIRONMENTS: Readonly<Record<string, Endpoints>> = {
  local: { url: "http://localhost:5556", historyUrl: "http://localhost:5558" },
  dev: {
    url: "https://grpc.dev.xmtp.network:443",
    historyUrl: "https://message-history.dev.ephemera.network",
  },
  production: {
    url: "https://grpc.production.xmtp.network:443",
    historyUrl: "https://message-history.production.ephemera.network",
  },
};

/**
 * A node that is already there, by URL or by environment; asked by a real gRPC call whether it is an XMTP node.
 *
 * @throws XmtpTestError `BAD_URL` for what is not a usable endpoint, `NODE_UNREACHABLE` when it does not answer as a node
 */
export async function connectNetwork(options: ConnectOptions): Promise<XmtpNetwork> {
  const known = Object.hasOwn(ENVIRONMENTS, options.env) ? ENVIRONMENTS[options.env] : undefined;
  const asked = options.gatewayUrl ?? options.url ?? known?.url;
  if (asked === undefined) {
    throw new XmtpTestError(
      "BAD_URL",
      `The environment "${options.env}" has no endpoint of its own.`,
      `Use one of ${Object.keys(ENVIRONMENTS).join(", ")}, or give a URL (XMTP_API_URL).`,
    );
  }
  const url = endpoint(asked);
  const historyUrl =
    options.historyUrl === undefined
      ? options.url === undefined && options.gatewayUrl === undefined
        ? (known?.historyUrl ?? null)
        : null
      : endpoint(options.historyUrl);
  // Loaded on use: whoever runs the embedded node does not pay for it.
  const { probeNode } = await import("./probe.js");
  const gateway = options.gatewayUrl !== undefined;
  await probeNode(url, options.timeoutMs ?? 10_000, gateway);
  return { kind: "external", env: options.env, url, historyUrl, ...(gateway && { gateway }) };
}

/** The URL without a trailing slash: SDKs append nothing and refuse paths. */
function endpoint(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const usable =
    url !== undefined &&
    (url.protocol === "http:" || url.protocol === "https:") &&
    url.pathname === "/" &&
    url.search === "" &&
    url.hash === "" &&
    url.username === "";
  if (!usable) {
    throw new XmtpTestError(
      "BAD_URL",
      `This is not an endpoint URL ("${text}").`,
      'Give scheme, host and port only, for example "http://localhost:5556".',
    );
  }
  return text.replace(/\/$/u, "");
}
