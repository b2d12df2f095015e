import { XmtpTestError } from "../errors.js";

/** Which part of a line an address of `@xmtp/browser-sdk` leads to. `json` is a part that no line has. */
export type BrowserAddress = "node" | "history" | "json";

/**
 * The addresses that browser-sdk 5.0 to 7.1 knows by itself (its `ApiUrls` and `HistorySyncUrls`, and those compiled
 * into its wasm-bindings), and every call of XMTP's services wherever an app's `apiUrl` or `gatewayHost` sends it.
 *
 * One expression, because Playwright asks it for each request of the page before it asks the test.
 */
export const browserAddresses =
  // A gRPC path is /package.Service/Method: of XMTP's services, at any host.
  // 5.2 and later: localhost:5557 and *.xmtp.network; 5.0 and 5.1: JSON, at localhost:5555 and *.xmtp.network.
  // History: localhost:5558 and message-history.*.ephemera.network.
  /^https?:\/\/(?:[^?#]*\/xmtp\.[\w.]+\.[A-Z]\w*\/[A-Z]\w*(?:[?#]|$)|localhost:5555\/(?:mls|identity)\/|localhost:5558\/(?:upload|files)|(?:[\w-]+\.)*xmtp\.network(?::\d+)?(?:\/|$)|message-history(?:[\w-]|\.)*\.ephemera\.network(?::\d+)?(?:\/|$))/;

const call = /\/xmtp\.[\w.]+\.[A-Z]\w*\/[A-Z]\w*$/;

/** What a matched address stands for. */
function browserAddressOf({ hostname, port, pathname }: URL): BrowserAddress {
  if (call.test(pathname)) return "node";
  if (/^\/(?:mls|identity)\/v1\//.test(pathname)) return "json";
  const history = hostname.endsWith(".ephemera.network") || (hostname === "localhost" && port === "5558");
  return history ? "history" : "node";
}

/** Where a request goes over a line instead: path and query stay, but for what stands before a gRPC path. */
function overLine(from: URL, to: string): URL {
  const url = new URL(to);
  url.pathname = call.exec(from.pathname)?.[0] ?? from.pathname;
  url.search = from.search;
  return url;
}
/** Where a request of a page goes instead: an address, or none, with an error where the test should hear of it. */
type PageLead = { readonly to: URL } | { readonly error?: Error };

/** Leads what browser-sdk asks for over a party's line. */
export function leadOver(
  line: { readonly name: string; readonly url: string; readonly historyUrl: string | undefined },
  from: URL,
): PageLead {
  switch (browserAddressOf(from)) {
    case "node":
      return { to: overLine(from, line.url) };
    case "history":
      // As where nobody listens: a network without a history server has none for pages either.
      return line.historyUrl === undefined ? {} : { to: overLine(from, line.historyUrl) };
    case "json":
      return {
        error: new XmtpTestError(
          "PAGE_SDK",
          `The page "${line.name}" asked for ${from.origin}${from.pathname}: @xmtp/browser-sdk 5.0 and 5.1 speak JSON over HTTP, which no line takes.`,
          "Use @xmtp/browser-sdk 5.2 or later in the app.",
        ),
      };
  }
}
