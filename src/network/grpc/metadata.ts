import type { IncomingHttpHeaders } from "node:http2";

/** Request headers as gRPC metadata: no pseudo-headers, and of a repeated name the first value. */
export function metadataOf(headers: IncomingHttpHeaders): Record<string, string> {
  const metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (name.startsWith(":") || value === undefined) continue;
    metadata[name] = Array.isArray(value) ? (value[0] ?? "") : value;
  }
  return metadata;
}
