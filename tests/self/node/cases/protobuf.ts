import { expect } from "@playwright/test";
import { fromBinary } from "@bufbuild/protobuf";
import { Code } from "#src/network/index.js";
import { identity, mls } from "#src/network/proto/index.js";
import { frame, pathOf } from "../../network/grpc-client.js";
import type { Case } from "../target.js";

const QUERY = pathOf(mls.MlsApi.method.queryGroupMessages);
const FOLLOW = pathOf(mls.MlsApi.method.subscribeGroupMessages);
const INBOXES = pathOf(identity.IdentityApi.method.getInboxIds);
const MALFORMED = "proto: cannot parse invalid wire-format data";

const answers = (name: string, path: string, hex: string, status: number, message: string): Case => ({
  name,
  run: async ({ raw }) => {
    expect(await raw.raw(path, frame(Buffer.from(hex, "hex")))).toMatchObject({ status, message });
  },
});
const refused = (name: string, path: string, hex: string): Case =>
  answers(`refused: ${name}`, path, hex, Code.INTERNAL, `grpc: error unmarshalling request: ${MALFORMED}`);

const GROUP_REQUIRED = "group is required";
const FFS = "ff".repeat(9);

/** Protobuf that no SDK sends, as Go reads it. */
export const protobuf: readonly Case[] = [
  ...Object.entries({
    varint: "0810",
    fixed64: "090102030405060708",
    fixed32: "0d01020304",
    "an empty group": "0b0c",
    "a group with a field": "0b08010c",
  }).map(([type, hex]) =>
    answers(`a known field that comes as ${type} is unknown`, QUERY, hex, Code.UNKNOWN, GROUP_REQUIRED),
  ),
  answers("a good request with a known field of another type", QUERY, "0a01611001", Code.OK, ""),
  answers(
    "the same within a message: its paging is asked for in another way",
    QUERY,
    "0a01611203120161",
    Code.OK,
    "",
  ),
  refused("a varint of 11 bytes, in an unknown field", QUERY, `0a0161f806${FFS}ff01`),
  refused("a varint of more than 64 bits, in an unknown field", QUERY, `0a0161f806${FFS}02`),
  answers("a varint of 64 bits, in an unknown field", QUERY, `0a0161f806${FFS}01`, Code.OK, ""),
  refused("field number 0", QUERY, "0000"),
  refused("a field number over 2^29 - 1", QUERY, "808080801000"),
  refused("a wire type that does not exist", QUERY, "0e"),
  refused("a group that nobody began", QUERY, "0c"),
  refused("a group that another ends", QUERY, "0b14"),
  refused("a group without its end", QUERY, "0b0801"),
  refused("a field longer than the request", QUERY, "0a05616161"),
  refused("a field longer than the message it is in", QUERY, "1202120a"),
  refused(
    "MlsApi/RevokeInstallation, which nobody serves: garbage",
    pathOf(mls.MlsApi.method.revokeInstallation),
    "0aff",
  ),
  refused(
    "MlsApi/GetIdentityUpdates, which nobody serves: garbage",
    pathOf(mls.MlsApi.method.getIdentityUpdates),
    "0aff",
  ),
  answers(
    "refused: garbage that is a stream's request",
    FOLLOW,
    "0aff",
    Code.INTERNAL,
    `grpc: failed to unmarshal the received message: ${MALFORMED}`,
  ),
  answers(
    "refused: a string that is not UTF-8",
    INBOXES,
    "0a030a01ff",
    Code.INTERNAL,
    "grpc: error unmarshalling request: string field contains invalid UTF-8",
  ),
  answers(
    "refused: a NUL in an identifier, by the database",
    INBOXES,
    "0a030a0100",
    Code.UNKNOWN,
    'ERROR: invalid byte sequence for encoding "UTF8": 0x00 (SQLSTATE 22021)',
  ),
  {
    name: "of a field that comes twice the last counts, and messages are merged",
    run: async ({ raw }) => {
      const { messages } = await raw.raw(
        QUERY,
        frame(Buffer.from("0a0162" + "0a0161" + "12021007" + "12020801", "hex")),
      );
      const { pagingInfo } = fromBinary(mls.QueryGroupMessagesResponseSchema, messages[0] as Buffer);
      expect(pagingInfo).toMatchObject({ limit: 7, direction: mls.SortDirection.ASCENDING });
    },
  },
];
