import type { Method } from "../../grpc/service.js";
import { serviceRoutes } from "../../grpc/typed-service.js";
import { gatewayApi, messageApi, payerApi } from "../../proto/index.js";
import type { NodeStore } from "../../store/node-store.js";
import { gatewayHandlers } from "./publish.js";
import type { Publishers } from "./publish.js";
import { queryHandlers } from "./query.js";
import { TopicReader } from "./reader.js";
import { subscribeHandlers } from "./subscribe.js";

export const D14N_SERVICES = [
  messageApi.ReplicationApi,
  messageApi.QueryApi,
  payerApi.PayerApi,
  gatewayApi.GatewayApi,
] as const;

/** The decentralized network's gateway and node, over the v3 side's data and validation; by old names and by new. */
export function d14nRoutes(
  store: NodeStore,
  publishers: Publishers,
  keepaliveMs: number,
): [string, Method][] {
  const reader = new TopicReader(store);
  const queries = queryHandlers(store, reader);
  const { subscribeTopics, subscribeEnvelopes } = subscribeHandlers(store, reader, keepaliveMs);
  const gateway = gatewayHandlers(store, reader, publishers);
  return [
    ...serviceRoutes(messageApi.ReplicationApi, { ...queries, subscribeTopics, subscribeEnvelopes }),
    ...serviceRoutes(messageApi.QueryApi, { ...queries, subscribeTopics }),
    ...serviceRoutes(payerApi.PayerApi, gateway),
    ...serviceRoutes(gatewayApi.GatewayApi, gateway),
  ];
}
