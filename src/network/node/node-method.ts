import type { identity, messageApi, mls, payerApi } from "../proto/index.js";

type Named<S extends { readonly method: object }> = Capitalize<keyof S["method"] & string>;

/** A method of the node by its own name, for example "SendGroupMessages", or by its full one with its service. */
export type NodeMethod =
  | Named<typeof mls.MlsApi>
  | Named<typeof identity.IdentityApi>
  | Named<typeof messageApi.ReplicationApi>
  | Named<typeof messageApi.QueryApi>
  | Named<typeof payerApi.PayerApi>
  | `${string}/${string}`;
