import type { Router } from "../grpc/service.js";
import { serviceRoutes } from "../grpc/typed-service.js";
import type { SmartContractWalletVerifier } from "../identity/signatures/smart-contract-wallet.js";
import { health, identity, mls } from "../proto/index.js";
import type { NodeStore } from "../store/node-store.js";
import { bidiHandlers } from "./bidi/index.js";
import { commitLogHandlers } from "./commit-log.js";
import { D14N_SERVICES, d14nRoutes } from "./d14n/index.js";
import type { Publishers } from "./d14n/publish.js";
import { groupMessageHandlers } from "./group-messages.js";
import { healthHandlers } from "./health.js";
import { identityHandlers } from "./identity.js";
import { keyPackageHandlers } from "./key-packages.js";
import { welcomeHandlers } from "./welcomes.js";

const SUBSCRIBE = `/${mls.MlsApi.typeName}/${mls.MlsApi.method.subscribe.name}`;

/** Which of the protocol's newer parts the node speaks. */
export interface ServiceOptions {
  /** Whether it has MlsApi/Subscribe (XIP-83), which nodes before June 2026 do not know. */
  readonly bidiStreams: boolean;
  /** How long a stream may be idle before the node speaks up, ms. */
  readonly keepaliveMs: number;
}

/** All services of the node over one store, ready for any transport. */
export function nodeRouter(
  store: NodeStore,
  wallets: SmartContractWalletVerifier,
  { bidiStreams, keepaliveMs }: ServiceOptions,
): Router {
  const mlsApi = {
    ...groupMessageHandlers(store),
    ...welcomeHandlers(store),
    ...keyPackageHandlers(store),
    ...commitLogHandlers(store),
    ...bidiHandlers(store, keepaliveMs),
  };
  const identityApi = identityHandlers(store, wallets);
  const named = D14N_SERVICES.map(({ typeName }) => typeName);
  const routes: Router = new Map([
    ...serviceRoutes(mls.MlsApi, mlsApi),
    ...serviceRoutes(identity.IdentityApi, identityApi),
    ...d14nRoutes(store, { ...mlsApi, ...identityApi } as Publishers, keepaliveMs),
    ...serviceRoutes(health.Health, healthHandlers(named)),
  ]);
  // An older node has never heard of it, and says so: "unknown method".
  return bidiStreams ? routes : new Map([...routes].filter(([path]) => path !== SUBSCRIBE));
}
