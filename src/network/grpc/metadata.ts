import type { IncomingHttpHeaders } from "node:http2";

/**
 * Request headers as gRPC metadata: of a repeated name the first value, and no pseudo-headers but the authority, which
 * is `host` as in HTTP/1.1.
 */
export function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const authority = headers[":authority"];
  const metadata: Record<string, string> = authority === undefined ? {} : { host: authority };
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    metadata[name] = Array.isArray(value) ? (value[0] ?? "") : value;
  }
  return metadata;
}
