import type { Router } from "../grpc/service.js";
import { serviceRoutes } from "../grpc/typed-service.js";
import type { SmartContractWalletVerifier } from "../identity/smart-contract-wallet.js";
import { health, identity, mls } from "../proto/index.js";
import type { NodeStore } from "../store/node-store.js";
import { commitLogHandlers } from "./commit-log.js";
import { groupMessageHandlers } from "./group-messages.js";
import { healthHandlers } from "./health.js";
import { identityHandlers } from "./identity.js";
import { keyPackageHandlers } from "./key-packages.js";
import { welcomeHandlers } from "./welcomes.js";

/** All services of the node over one store, ready for any transport. */
export function nodeRouter(store: NodeStore, wallets: SmartContractWalletVerifier): Router {
  return new Map([
    ...serviceRoutes(mls.MlsApi, {
      ...groupMessageHandlers(store),
      ...welcomeHandlers(store),
      ...keyPackageHandlers(store),
      ...commitLogHandlers(store),
    }),
    ...serviceRoutes(identity.IdentityApi, identityHandlers(store, wallets)),
    ...serviceRoutes(health.Health, healthHandlers([mls.MlsApi.typeName, identity.IdentityApi.typeName])),
  ]);
}
