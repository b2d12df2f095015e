import type { Handlers } from "../../grpc/typed-service.js";
import type { mls } from "../../proto/index.js";
import type { NodeStore } from "../../store/node-store.js";
import { BIDI_LIMITS } from "./limits.js";
import { BidiSession } from "./session.js";
import { deliveredTo } from "../traffic-of.js";
import { sourcesOf } from "./source.js";
import type { Item } from "./source.js";
import type { TopicKind } from "./topic.js";

/** MlsApi/Subscribe (XIP-83), as xmtp-node-go has it since June 2026. */
export function bidiHandlers(
  store: NodeStore,
  keepaliveMs: number,
): Pick<Handlers<typeof mls.MlsApi>, "subscribe"> {
  const context = {
    sources: sourcesOf(store),
    limits: { ...BIDI_LIMITS, keepaliveMs },
    onDelivery: (peer: string, items: readonly Item[]) => {
      for (const { row } of items) deliveredTo(store, peer, row, "stream");
    },
    onFollow: (peer: string, kinds: readonly TopicKind[]) => store.traffic?.follows(peer, kinds),
    onWelcomeTopic: (peer: string, key: string) => store.traffic?.spokeFor(peer, key),
  };
  return {
    subscribe(stream) {
      const session = new BidiSession(stream, { ...context, tap: store.tap });
      const info = {
        kind: "topics",
        filters: () => session.followed,
        peer: stream.peer,
        carries: (stream: TopicKind) => session.carries(stream),
      } as const;
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
