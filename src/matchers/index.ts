/** The matchers, and an `expect` that has them. Each is offered only on the receivers it is for. */
import { expect as baseExpect } from "@playwright/test";
import type { Expect } from "@playwright/test";
import { toHaveConversation } from "./to-have-conversation.js";
import { toHaveConverged } from "./to-have-converged.js";
import { toHaveMembers } from "./to-have-members.js";
import { toHaveNoActiveStreams } from "./to-have-no-active-streams.js";
import { toHaveReceived, toHaveReceivedExactlyOnce } from "./to-have-received.js";
import { toHaveReceivedInOrder } from "./to-have-received-in-order.js";
import { toHold } from "./to-hold.js";
import { toSatisfy } from "./to-satisfy.js";
import { toStaySilent } from "./to-stay-silent.js";
import { watched } from "./watched.js";

/** The matchers by name. A type of its own, so that the type of a user's `expect.extend(matchers)` can be written. */
export type XmtpMatchers = {
  toHaveReceived: typeof toHaveReceived;
  toHaveReceivedExactlyOnce: typeof toHaveReceivedExactlyOnce;
  toHaveReceivedInOrder: typeof toHaveReceivedInOrder;
  toHaveConversation: typeof toHaveConversation;
  toHaveMembers: typeof toHaveMembers;
  toHaveNoActiveStreams: typeof toHaveNoActiveStreams;
  toHaveConverged: typeof toHaveConverged;
  toHold: typeof toHold;
  toSatisfy: typeof toSatisfy;
  toStaySilent: typeof toStaySilent;
};

/** All matchers, to add to your own `expect`: `expect.extend(matchers)`. See docs/matchers.md. */
export const matchers: XmtpMatchers = {
  toHaveReceived: watched("toHaveReceived", toHaveReceived),
  toHaveReceivedExactlyOnce: watched("toHaveReceivedExactlyOnce", toHaveReceivedExactlyOnce),
  toHaveReceivedInOrder: watched("toHaveReceivedInOrder", toHaveReceivedInOrder),
  toHaveConversation: watched("toHaveConversation", toHaveConversation),
  toHaveMembers: watched("toHaveMembers", toHaveMembers),
  toHaveNoActiveStreams: watched("toHaveNoActiveStreams", toHaveNoActiveStreams),
  toHaveConverged: watched("toHaveConverged", toHaveConverged),
  toHold,
  toSatisfy: watched("toSatisfy", toSatisfy),
  toStaySilent: watched("toStaySilent", toStaySilent),
};

/** Playwright's `expect` with the matchers. The type is written out: an inferred one cannot be emitted. */
export const expect: Expect<XmtpMatchers> = baseExpect.extend(matchers);

export type { LedgerOracle } from "./to-satisfy.js";
