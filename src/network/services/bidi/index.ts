import type { Handlers } from "../../grpc/typed-service.js";
import type { mls } from "../../proto/index.js";
import type { NodeStore } from "../../store/node-store.js";
import { BIDI_LIMITS } from "./limits.js";
import { BidiSession } from "./session.js";
import { sourcesOf } from "./source.js";

/** MlsApi/Subscribe (XIP-83), as xmtp-node-go has it since June 2026. */
export function bidiHandlers(
  store: NodeStore,
  keepaliveMs: number,
): Pick<Handlers<typeof mls.MlsApi>, "subscribe"> {
  const context = {
    sources: sourcesOf(store),
    limits: { ...BIDI_LIMITS, keepaliveMs },
    onDelivery: (messages: number) => (store.deliveries += messages),
  };
  return {
    subscribe(stream) {
      const session = new BidiSession(stream, context);
      const info = { kind: "topics", filters: () => session.followed, peer: stream.peer } as const;
      stream.onClose(
        store.subscriptions.add(
          info,
          (status) => stream.end(status),
          () => session.mute(),
        ),
      );
    },
  };
}
