import { expect, test } from "vitest";
import { forkStatus } from "../../../../src/oracles/fork-status.js";
import type { ConversationSnapshot, ForkStatus } from "../../../../src/ledger/snapshot.js";

const snapshot = (
  worker: string,
  epoch: number,
  epochAuthenticator: string | undefined,
  fork: ForkStatus = "unknown",
): ConversationSnapshot => ({
  worker,
  inboxId: `inbox-${worker}`,
  installationId: `installation-${worker}`,
  conversationId: "group",
  known: true,
  active: true,
  epoch,
  members: [],
  admins: [],
  superAdmins: [],
  metadata: {},
  consent: "unknown",
  messages: [],
  fork,
  forkDetail: "",
  ...(epochAuthenticator !== undefined && { epochAuthenticator }),
});

test("installations with one epoch authenticator vouch for each other", () => {
  const verdict = forkStatus([snapshot("alice", 3, "abc123"), snapshot("bob", 3, "abc123")]);
  expect(verdict.status).toBe("pass");
});

test("an unknown status without a peer at the same epoch stays inconclusive", () => {
  const lone = forkStatus([snapshot("alice", 3, "abc123")]);
  const apart = forkStatus([snapshot("alice", 3, "abc123"), snapshot("bob", 2, "def456")]);
  const silent = forkStatus([snapshot("alice", 3, undefined), snapshot("bob", 3, undefined)]);
  expect([lone.status, apart.status, silent.status]).toEqual([
    "inconclusive",
    "inconclusive",
    "inconclusive",
  ]);
});

test("different authenticators at one epoch are a fork, even if every installation calls itself healthy", () => {
  const verdict = forkStatus([
    snapshot("alice", 3, "abc123", "healthy"),
    snapshot("bob", 3, "abc123", "healthy"),
    snapshot("carol", 3, "fff000", "healthy"),
  ]);
  expect(verdict).toMatchObject({
    status: "fail",
    offenders: [
      {
        worker: "carol",
        detail: "carol is forked at epoch 3 (its epoch authenticator is fff000, most have another)",
      },
    ],
  });
});

test("an installation's own word that it is forked is not overruled", () => {
  const verdict = forkStatus([snapshot("alice", 3, "abc123", "forked"), snapshot("bob", 3, "abc123")]);
  expect(verdict).toMatchObject({ status: "fail", offenders: [{ worker: "alice" }] });
});
