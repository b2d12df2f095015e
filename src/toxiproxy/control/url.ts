import { XmtpTestError } from "../../errors.js";

/**
 * A control URL as toxiproxy-node-client needs it: with a scheme, without a trailing slash (a slash makes
 * the server answer 301, which turns the client's POST into a GET, and nothing is created).
 *
 * @throws XmtpTestError `TOXIPROXY_BAD_URL`
 */
export function normalizeUrl(text: string): string {
  const trimmed = text.trim();
  const url = parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `http://${trimmed}`);
  const bad = (why: string): XmtpTestError =>
    new XmtpTestError(
      "TOXIPROXY_BAD_URL",
      `The Toxiproxy URL ${why} (${JSON.stringify(text)}).`,
      "Give the control API's address, for example http://127.0.0.1:8474.",
    );
  if (!url) throw bad("cannot be parsed");
  if (url.protocol !== "http:" && url.protocol !== "https:") throw bad("is not http or https");
  if (url.search !== "" || url.hash !== "") throw bad("has a query or a fragment");
  if (url.username !== "" || url.password !== "") throw bad("carries credentials");
  return `${url.origin}${url.pathname.replace(/\/+$/, "")}`;
}

function parse(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}
