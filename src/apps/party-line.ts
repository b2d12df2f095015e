/** A way to the node for whatever is started elsewhere: give it these URLs, and it is a party by this name. */
export interface PartyLine {
  /** Names it in chaos, in the ledger and in failure texts. */
  readonly name: string;
  /** gRPC and grpc-web endpoint, v3 and d14n; behind a proxy of its own. */
  readonly url: string;
  /** Message history server, over the same line; undefined where the network has none. */
  readonly historyUrl: string | undefined;
  /**
   * Whose line it is, from what its user registered; "" before that. On an external network only an app's is known, if it
   * registers the wallet it was given.
   */
  readonly inboxId: string;
  /** The installation; "" while unknown, and where several use the line. */
  readonly installationId: string;
  /** Lower-case `0x` address of an account of the inbox; "" while unknown. */
  readonly address: string;
}
