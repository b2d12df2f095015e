/**
 * The few HTTP/2 frames a probe speaks. Every HTTP/2 server must acknowledge each SETTINGS frame, in order,
 * and must ignore frames of an unknown type (RFC 9113, 6.5.3 and 5.5): that gives a round trip and bytes in
 * either direction without any request. PING would do too, but grpc-go closes a connection that pings often.
 */
const SETTINGS = 0x4;
const ACK = 0x1;
const UNKNOWN = 0xfa;
const HEADER = 9;
/** The largest frame a server must take before it says otherwise. */
const MAX_FRAME = 16_384;

/** Bytes of one SETTINGS frame without settings, and of its acknowledgement. */
export const SETTINGS_BYTES = HEADER;

export const preface = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
export const settingsAck = frame(SETTINGS, ACK, 0);

/** `count` SETTINGS frames; each is acknowledged. */
export function settings(count: number): Buffer {
  return Buffer.concat(Array.from({ length: count }, () => frame(SETTINGS, 0, 0)));
}

/** At least `bytes` bytes that the server reads and ignores. */
export function ballast(bytes: number): Buffer {
  const frames: Buffer[] = [];
  for (let left = bytes; left > 0; left -= MAX_FRAME + HEADER) {
    frames.push(frame(UNKNOWN, 0, Math.max(0, Math.min(MAX_FRAME, left - HEADER))));
  }
  return Buffer.concat(frames);
}

/** Reads frames from bytes as they come: how many acknowledgements and how many settings of the server. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  acks = 0;

  /** @returns the server's own SETTINGS frames in these bytes, which want an acknowledgement */
  take(data: Buffer): number {
    let rest = Buffer.concat([this.#rest, data]);
    let toAcknowledge = 0;
    while (rest.length >= HEADER) {
      const length = rest.readUIntBE(0, 3);
      if (rest.length < HEADER + length) break;
      if (rest[3] === SETTINGS) {
        if (((rest[4] ?? 0) & ACK) === 0) toAcknowledge++;
        else this.acks++;
      }
      rest = rest.subarray(HEADER + length);
    }
    this.#rest = rest;
    return toAcknowledge;
  }
}

function frame(type: number, flags: number, length: number): Buffer {
  const bytes = Buffer.alloc(HEADER + length);
  bytes.writeUIntBE(length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  return bytes;
}
