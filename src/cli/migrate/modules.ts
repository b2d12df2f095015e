/** Where the names of such a suite come from, and what becomes of the import. */
export type Source =
  /** Its names are those of the compat entry. */
  | { readonly kind: "compat"; readonly namespace?: string }
  /** Nothing of it is needed. */
  | { readonly kind: "drop" }
  /** Somebody else's, or the suite's own: left as it is. */
  | { readonly kind: "other" };

const compat: Source = { kind: "compat" };

/** Folders that hold the framework itself. They are neither moved nor imported afterwards. */
export const frameworkFolders: ReadonlySet<string> = new Set([
  "helpers",
  "workers",
  "inboxes",
  "version-management",
  "versions",
  "network-stability",
  "network-stability-utilities",
]);

const aliases =
  /^(@helpers|@workers|@inboxes|@network-stability(-utilities)?|version-management|versions)(\/|$)/;
const relative =
  /^\.{1,2}\/(?:.*\/)?(helpers|workers|inboxes|version-management|versions|network-stability(?:-utilities)?)\/([\w.-]+)$/;
const ownFileOfFramework =
  /^\.{1,2}\/(?:.*\/)?network-stability(?:-utilities)?\/(container|iptables|netem)(\.[jt]s)?$/;

/**
 * What an import's module is.
 *
 * @param exists whether a relative import leads to a file that is moved too: then it stays the suite's own
 */
export function sourceOf(specifier: string, exists: (specifier: string) => boolean): Source {
  if (specifier === "vitest" || specifier === "vitest/globals") return compat;
  if (/\/iptables(\.[jt]s)?$/.test(specifier)) return { kind: "compat", namespace: "iptables" };
  if (aliases.test(specifier)) return compat;
  if (/^@xmtp\/node-sdk(-\d[\w.]*)?$/.test(specifier)) return compat;
  if (
    /^@xmtp\/content-type-(reaction|reply|text|read-receipt|remote-attachment|transaction-reference|group-updated)$/.test(
      specifier,
    )
  )
    return compat;
  if (/^(dotenv(\/config)?)$/.test(specifier)) return { kind: "drop" };
  if (ownFileOfFramework.test(specifier)) return compat;
  if (relative.test(specifier) && !exists(specifier)) return compat;
  return { kind: "other" };
}
