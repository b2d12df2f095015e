import { GZIP, unzip, zipFrame } from "./gzip.js";

/** How the messages of one call are written: what came compressed is answered so, as grpc-go does. */
export interface Encoding {
  /** Response headers that tell. */
  readonly headers: Readonly<Record<string, string>>;
  /** Undefined where no message may come compressed. */
  readonly unpack: ((message: Buffer) => Buffer) | undefined;
  readonly pack: (frame: Buffer) => Buffer;
}

const PLAIN: Encoding = { headers: {}, unpack: undefined, pack: (frame) => frame };
const ZIPPED: Encoding = { headers: { "grpc-encoding": GZIP }, unpack: unzip, pack: zipFrame };

/** The encoding that a call asks for; undefined for one that is not known. */
export function encodingOf(metadata: Readonly<Record<string, string>>): Encoding | undefined {
  const asked = metadata["grpc-encoding"] ?? "";
  if (asked === "" || asked === "identity") return PLAIN;
  return asked === GZIP ? ZIPPED : undefined;
}
