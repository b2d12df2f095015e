/** A TLS vector with the short length form: up to 63 bytes as one byte, else two. */
function vector(bytes: Uint8Array): Buffer {
  const head =
    bytes.length < 64
      ? Buffer.from([bytes.length])
      : Buffer.from([0x40 | (bytes.length >> 8), bytes.length & 0xff]);
  return Buffer.concat([head, bytes]);
}

/** A PrivateMessage as a client would send it (RFC 9420 section 6.3), with made-up ciphertext. */
export function privateMessage(
  group: string | Uint8Array,
  text: string | Uint8Array,
  content: "application" | "proposal" | "commit" = "application",
): Buffer {
  const type = { application: 1, proposal: 2, commit: 3 }[content];
  return Buffer.concat([
    Buffer.from([0, 1, 0, 2]),
    vector(typeof group === "string" ? groupId(group) : group),
    Buffer.alloc(8),
    Buffer.from([type]),
    vector(Buffer.alloc(0)),
    vector(Buffer.alloc(12, 7)),
    vector(Buffer.from(text as string)),
  ]);
}

/** A 16-byte group id from a name. */
export function groupId(name: string): Buffer {
  return Buffer.from(name.padEnd(16, ".").slice(0, 16));
}
