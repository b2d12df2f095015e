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

/** Whether a `-bin` header's value is base64, as grpc-go reads it: padded, or not. */
export function binaryError(value: string): string | undefined {
  const at = invalidBase64At(value, value.length % 4 === 0);
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`;
}

/** Where Go's decoder stops; undefined for what it takes. Bits beyond the last byte need not be 0. */
function invalidBase64At(value: string, padded: boolean): number | undefined {
  const digits = /^[A-Za-z0-9+/]*/u.exec(value)?.[0].length ?? 0;
  const rest = value.slice(digits);
  const inGroup = digits % 4;
  if (!padded) {
    if (rest !== "") return digits;
    // One digit of six bits is not a byte; it is told at its group.
    return inGroup === 1 ? digits - 1 : undefined;
  }
  if (rest === "") return undefined;
  if (rest.startsWith("=") && inGroup >= 2) {
    if (inGroup === 3) return rest === "=" ? undefined : digits + 1;
    if (!rest.startsWith("==")) return digits + 1 < value.length ? digits : value.length;
    return rest === "==" ? undefined : digits + 2;
  }
  return digits;
}
