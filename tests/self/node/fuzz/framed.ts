import { frame } from "../../network/grpc-client.js";
import type { Draw } from "./draw.js";

/** A gRPC frame, one time in eight a wrong one. */
export function framed(draw: Draw, body: Buffer): Buffer {
  const bytes = frame(body);
  switch (draw.below(56)) {
    case 0:
      bytes[0] = draw.below(256);
      return bytes;
    case 1:
      bytes.writeUInt32BE(draw.below(2 ** 32), 1);
      return bytes;
    case 2:
      bytes.writeUInt32BE(body.length + 1 + draw.below(9), 1);
      return bytes;
    case 3:
      bytes.writeUInt32BE(Math.max(0, body.length - 1 - draw.below(9)), 1);
      return bytes;
    case 4:
      return bytes.subarray(0, draw.below(6));
    case 5:
      return Buffer.concat([bytes, bytes]);
    case 6:
      return body;
    default:
      return bytes;
  }
}
