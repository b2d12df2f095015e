/** MLS ciphersuites that OpenMLS can name (RFC 9420 section 17.1, and X-Wing); every other number fails to decode. */
export const CIPHERSUITES: ReadonlySet<number> = new Set([1, 2, 3, 4, 5, 6, 7, 0x004d]);

/** Those that sign with Ed25519: an installation's key is an Ed25519 key. XMTP clients use suite 3, or X-Wing's. */
export const ED25519_CIPHERSUITES: ReadonlySet<number> = new Set([1, 3, 0x004d]);
