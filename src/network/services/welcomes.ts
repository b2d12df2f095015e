import { create } from "@bufbuild/protobuf";
import { Code, StatusError } from "../grpc/status.js";
import type { Handlers } from "../grpc/typed-service.js";
import { contents, mls } from "../proto/index.js";
import { nowNs } from "../store/clock.js";
import { hexKey } from "../store/envelope-table.js";
import type { NodeStore } from "../store/node-store.js";
import { cursorOf, queryPage } from "../store/paging.js";
import { stored } from "./stored.js";
import { deliveredTo, publishedBy } from "./traffic-of.js";
import type { Stored } from "./traffic-of.js";
import { subscribe } from "./subscribe.js";

const { WelcomeWrapperAlgorithm } = contents;
const KNOWN_ALGORITHMS: ReadonlySet<number> = new Set([
  WelcomeWrapperAlgorithm.CURVE25519,
  WelcomeWrapperAlgorithm.XWING_MLKEM_768_DRAFT_6,
  WelcomeWrapperAlgorithm.SYMMETRIC_KEY,
]);
type WelcomeRpcs = "sendWelcomeMessages" | "queryWelcomeMessages" | "subscribeWelcomeMessages";
type Input = mls.WelcomeMessageInput["version"];

/**
 * Welcomes and welcome pointers: one table, one id sequence, one hash space.
 * Recipients need not exist: a symmetric welcome is addressed to a random key that only pointers name.
 */
export function welcomeHandlers(store: NodeStore): Pick<Handlers<typeof mls.MlsApi>, WelcomeRpcs> {
  const { welcomes } = store;

  return {
    sendWelcomeMessages({ messages }, call) {
      if (messages.length === 0) throw invalid("no welcome messages to send");
      for (const { version } of messages) check(version);
      stored(store, "failed to insert message", () => {
        for (const { version } of messages)
          insert(store, version, (row) => publishedBy(store, call.peer, row));
      });
      return {};
    },

    queryWelcomeMessages({ installationKey, pagingInfo }, call) {
      if (installationKey.length === 0) throw new StatusError(Code.UNKNOWN, "installation is required");
      const page = queryPage(welcomes.log, hexKey(installationKey), pagingInfo);
      store.traffic?.spokeFor(call.peer, hexKey(installationKey));
      for (const row of page.rows) deliveredTo(store, call.peer, row, "query");
      return { messages: page.rows.map(({ message }) => message), pagingInfo: page.pagingInfo };
    },

    subscribeWelcomeMessages({ filters }, stream) {
      if (filters.length === 0) throw invalid("no valid filters provided");
      if (filters.some(({ installationKey }) => installationKey.length === 0)) {
        throw invalid("a filter is nil or installation key is empty");
      }
      for (const { installationKey } of filters)
        store.traffic?.spokeFor(stream.peer, hexKey(installationKey));
      const mute = subscribe(stream, {
        table: welcomes,
        filters: filters.map(({ installationKey, idCursor }) => ({
          key: hexKey(installationKey),
          cursor: cursorOf(idCursor),
        })),
        overflow: undefined,
        onDelivery: (row) => deliveredTo(store, stream.peer, row, "stream"),
        kind: "welcome",
        tap: store.tap,
      });
      stream.onDeadline(() => stream.end());
      const end = (status: StatusError): void => stream.end(status);
      stream.onClose(
        store.subscriptions.add({ kind: "welcome", filters: filters.length, peer: stream.peer }, end, mute),
      );
    },
  };
}

function check(input: Input): void {
  if (input.case === "v1") {
    const { data, installationKey, hpkePublicKey, wrapperAlgorithm } = input.value;
    const keyless = wrapperAlgorithm === WelcomeWrapperAlgorithm.SYMMETRIC_KEY;
    if (data.length === 0 || installationKey.length === 0 || (hpkePublicKey.length === 0 && !keyless)) {
      throw invalid("invalid welcome message");
    }
  } else if (input.case === "welcomePointer") {
    const { installationKey, welcomePointer, hpkePublicKey, wrapperAlgorithm } = input.value;
    if (installationKey.length === 0 || welcomePointer.length === 0 || hpkePublicKey.length === 0) {
      throw invalid("invalid welcome pointer message");
    }
    if (wrapperAlgorithm !== WelcomeWrapperAlgorithm.XWING_MLKEM_768_DRAFT_6) {
      // The real node's wrapper and cause say the same. Pointers have an enum of their own, with one named value here.
      const what = "invalid welcome pointer wrapper algorithm";
      const value =
        wrapperAlgorithm === WelcomeWrapperAlgorithm.UNSPECIFIED
          ? "WELCOME_POINTER_WRAPPER_ALGORITHM_UNSPECIFIED"
          : wrapperAlgorithm;
      throw invalid(`${what}: ${what} ${value}`);
    }
  } else {
    throw invalid("invalid welcome message: missing version");
  }
}

function insert({ welcomes }: NodeStore, input: Input, told: (row: Stored) => void): void {
  if (input.case === "v1") {
    const { installationKey, data, hpkePublicKey, welcomeMetadata } = input.value;
    const asked = input.value.wrapperAlgorithm;
    // Unspecified, and what the node has never heard of.
    const wrapperAlgorithm = KNOWN_ALGORITHMS.has(asked) ? asked : WelcomeWrapperAlgorithm.CURVE25519;
    void welcomes.insert(
      installationKey,
      data,
      (id) =>
        create(mls.WelcomeMessageSchema, {
          version: {
            case: "v1",
            value: {
              id,
              createdNs: nowNs(),
              installationKey,
              data,
              hpkePublicKey,
              wrapperAlgorithm,
              welcomeMetadata,
            },
          },
        }),
      told,
    );
  } else if (input.case === "welcomePointer") {
    const { installationKey, welcomePointer, hpkePublicKey, wrapperAlgorithm } = input.value;
    void welcomes.insert(
      installationKey,
      welcomePointer,
      (id) =>
        create(mls.WelcomeMessageSchema, {
          version: {
            case: "welcomePointer",
            value: {
              id,
              createdNs: nowNs(),
              installationKey,
              welcomePointer,
              hpkePublicKey,
              wrapperAlgorithm,
            },
          },
        }),
      told,
    );
  }
}

function invalid(text: string): StatusError {
  return new StatusError(Code.INVALID_ARGUMENT, text);
}
