import { fromBinary } from "@bufbuild/protobuf";
import type { CallInfo, Method, Router } from "../grpc/service.js";
import { identity, mls } from "../proto/index.js";
import type { Bucket, RateLimiter } from "./rate-limits.js";

type Cost = (request: Buffer) => number;

const one: Cost = () => 1;
const { method: mlsMethods } = mls.MlsApi;
/** What publishes; all else costs 1 of the default bucket. */
const publishing = new Map<string, Cost>([
  [`/${mls.MlsApi.typeName}/${mlsMethods.registerInstallation.name}`, one],
  [`/${mls.MlsApi.typeName}/${mlsMethods.uploadKeyPackage.name}`, one],
  [`/${identity.IdentityApi.typeName}/${identity.IdentityApi.method.publishIdentityUpdate.name}`, one],
  [
    `/${mls.MlsApi.typeName}/${mlsMethods.sendGroupMessages.name}`,
    (request) => fromBinary(mls.SendGroupMessagesRequestSchema, request).messages.length,
  ],
  [
    `/${mls.MlsApi.typeName}/${mlsMethods.sendWelcomeMessages.name}`,
    (request) => fromBinary(mls.SendWelcomeMessagesRequestSchema, request).messages.length,
  ],
]);

/** The same methods, each call paid for before it runs. Opening a stream costs once. */
export function rateLimited(router: Router, limiter: () => RateLimiter): Router {
  return new Map([...router].map(([path, method]) => [path, paid(path, method, limiter)]));
}

function paid(path: string, method: Method, limiter: () => RateLimiter): Method {
  const publish = publishing.get(path);
  const bucket: Bucket = publish ? "PUB" : "DEF";
  const pay = (request: Buffer, call: CallInfo): void => {
    limiter().spend(bucket, ipOf(call), costOf(publish ?? one, request));
  };
  if (method.kind === "unary") {
    return {
      kind: "unary",
      run: (request, call) => {
        pay(request, call);
        return method.run(request, call);
      },
    };
  }
  if (method.kind === "stream") {
    return {
      kind: "stream",
      run: (request, stream) => {
        pay(request, stream);
        return method.run(request, stream);
      },
    };
  }
  if (method.kind === "bidi") {
    return {
      kind: "bidi",
      run: (stream) => {
        limiter().spend("DEF", ipOf(stream), 1);
        return method.run(stream);
      },
    };
  }
  return method;
}

/** Bytes that are not a request cost 1; the method itself refuses them. */
function costOf(cost: Cost, request: Buffer): number {
  try {
    return cost(request);
  } catch {
    return 1;
  }
}

/** As the real node reads it: the first forwarded address, else the peer's up to the first colon. */
function ipOf({ metadata, peer }: CallInfo): string {
  const forwarded = metadata["x-forwarded-for"]?.split(",")[0]?.trim() ?? "";
  return forwarded === "" ? (peer.split(":")[0] ?? "") : forwarded;
}
