import { XmtpTestError, valueText } from "../../errors.js";
import type { Router } from "../grpc/service.js";

/** The method's own name, without its service. */
export function shortName(path: string): string {
  return path.slice(path.lastIndexOf("/") + 1);
}

/**
 * The path of a method by its short or full name; of two methods with one name, the one that is implemented.
 *
 * @throws XmtpTestError `BAD_METHOD` with the known names
 */
export function resolveMethod(router: Router, name: string): string {
  const implemented = [...router].filter(([, method]) => method.kind !== "absent").map(([path]) => path);
  const found = implemented.find(
    (path) => path === name || path.slice(1) === name || shortName(path) === name,
  );
  if (found !== undefined) return found;
  throw new XmtpTestError(
    "BAD_METHOD",
    `The node has no method ${valueText(name)}.`,
    `Use one of: ${[...new Set(implemented.map(shortName))].join(", ")}.`,
  );
}
