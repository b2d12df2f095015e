import type { mls } from "../proto/index.js";

const NONE = new Uint8Array();

/** What the duplicate check of group messages is taken over, beside the group id. */
export function groupPayload({ version }: mls.GroupMessage): Uint8Array {
  return version.case === "v1" ? version.value.data : NONE;
}

/** What the duplicate check of welcomes is taken over, beside the installation key: one hash space for both kinds. */
export function welcomePayload({ version }: mls.WelcomeMessage): Uint8Array {
  if (version.case === "v1") return version.value.data;
  return version.case === "welcomePointer" ? version.value.welcomePointer : NONE;
}
