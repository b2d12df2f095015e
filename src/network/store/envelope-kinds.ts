import { fromBinary, toBinary } from "@bufbuild/protobuf";
import { mls } from "../proto/index.js";
import type { EnvelopeKind } from "./envelope-table.js";

/** One hash is taken over a group's id and the message's MLS bytes. */
export const GROUP_MESSAGES: EnvelopeKind<mls.GroupMessage> = {
  encode: (message) => toBinary(mls.GroupMessageSchema, message),
  decode: (bytes) => fromBinary(mls.GroupMessageSchema, bytes),
  place: ({ version }) => {
    if (version.case !== "v1") return undefined;
    const { id, groupId, data } = version.value;
    return { id, key: groupId, payload: data };
  },
};

/** Welcomes and pointers to them have one hash space. */
export const WELCOMES: EnvelopeKind<mls.WelcomeMessage> = {
  encode: (message) => toBinary(mls.WelcomeMessageSchema, message),
  decode: (bytes) => fromBinary(mls.WelcomeMessageSchema, bytes),
  place: ({ version }) => {
    if (version.case === undefined) return undefined;
    const { id, installationKey } = version.value;
    const payload = version.case === "v1" ? version.value.data : version.value.welcomePointer;
    return { id, key: installationKey, payload };
  },
};
