/** What decides an app's network: XMTP's own variables, and those of web builds. */
const network = /(^|_)XMTP_(.*_)?(ENV|NETWORK|HOST|URL|D14N|ALLOW_PUBLIC)$/u;

/** Where an app is led. */
export interface AppPlace {
  readonly url: string;
  readonly historyUrl: string | undefined;
}

/**
 * The environment of an app: the parent's without every variable that names an XMTP network, then those that lead to
 * the line. They are set, not only removed: a `.env` file fills what is unset. `XMTP_GATEWAY_HOST` is left to the
 * preload, which knows the app's SDK: libxmtp of node-sdk 5 takes a secure gateway only.
 */
export function appEnvironment(
  parent: NodeJS.ProcessEnv,
  { url, historyUrl = "" }: AppPlace,
): NodeJS.ProcessEnv {
  const kept = Object.entries(parent).filter(([name]) => !network.test(name));
  return {
    ...Object.fromEntries(kept),
    XMTP_ENV: "local",
    XMTP_API_URL: url,
    XMTP_HISTORY_URL: historyUrl,
    XMTP_HISTORY_SYNC_URL: historyUrl,
    XMTP_LINE_URL: url,
    XMTP_LINE_HISTORY_URL: historyUrl,
  };
}
