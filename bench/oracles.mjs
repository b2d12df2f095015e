/**
 * What oracles, verifications and matchers take at n, 2n, 4n … events, as ratios: 2 is linear. All in one process, the
 * sizes in turn, so that a busy machine slows all of them. `BENCH_EVENTS=100000` sets the largest size.
 */
import { performance } from "node:perf_hooks";
import * as oracles from "../dist/src/oracles/index.js";
import { receivedBy } from "../dist/src/matchers/content.js";
import { renderSequence } from "../dist/src/timeline/index.js";
import { median } from "./stats.mjs";

const largest = Number(process.env.BENCH_EVENTS ?? 100_000);
const sizes = [largest / 8, largest / 4, largest / 2, largest];
const rounds = Number(process.env.BENCH_ROUNDS ?? 3);
const receivers = 9;
const conversationId = "c";

/** One sender, nine receivers, its own echo: eleven events a message. */
function history(size) {
  const events = [];
  const add = (event) => {
    const seq = events.length + 1;
    const at = seq / 10;
    events.push({ seq, at, wall: at, ...event });
  };
  const who = (name) => ({ worker: name, inboxId: `inbox-${name}`, installationId: `${name}-1` });
  const names = ["alice", ...Array.from({ length: receivers }, (_, at) => `r${at}`)];
  for (const name of names) {
    add({ kind: "conversation", ...who(name), source: "query", streamId: 0, streamSeq: 1, conversationId });
    for (const state of ["starting", "live"])
      add({ kind: "stream", ...who(name), streamType: "message", streamId: 1, state });
  }
  for (let at = 0; events.length < size; at += 1) {
    const payload = { hash: `h${at}`, text: `text ${at}` };
    const message = { conversationId, contentType: "text", payload, messageId: `m${at}` };
    const begun = events.length / 10;
    add({ kind: "send", ...who("alice"), ...message, outcome: "ok", automatic: false, endedAt: begun + 0.2 });
    for (const name of names)
      add({
        ...{ kind: "receive", ...who(name), ...message, source: "stream", streamId: 1, streamSeq: at + 1 },
        ...{ senderInboxId: "inbox-alice", sentAtNs: String(Math.round(begun * 1e6)) },
      });
  }
  return events;
}

const receiver = { worker: "r0", inboxId: "inbox-r0", installationId: "r0-1" };
const alice = { worker: "alice", inboxId: "inbox-alice", installationId: "alice-1" };
const messages = (events) => events.filter((one) => one.kind === "send");
const owner = (events) => ({ name: "alice", inboxId: "inbox-alice", worker: { events: { events } } });
const reversed = (events) => events.filter((one) => one.kind !== "receive" || one.worker !== "r1");

const subjects = {
  noLoss: (events) => oracles.noLoss(events, { asOf: 1e9 }),
  "noLoss, a tenth missing": (events) => oracles.noLoss(reversed(events), { asOf: 1e9 }),
  exactlyOnce: (events) => oracles.exactlyOnce(events, { republished: "allow" }),
  noForeign: (events) => oracles.noForeign(events),
  orderPerSender: (events) => oracles.orderPerSender(events),
  orderPerConversation: (events) => oracles.orderPerConversation(events),
  gapAfterReconnect: (events) => oracles.gapAfterReconnect(events),
  stopGuarantee: (events) => oracles.stopGuarantee(events),
  streamGuarantee: (events) => oracles.streamGuarantee(events),
  clockSkew: (events) => oracles.clockSkew(events),
  verifyMessages: (events) =>
    oracles.verifyMessages(events, [receiver], { conversationId, messages: messages(events) }),
  verifyResponses: (events) =>
    oracles.verifyResponses(events, receiver, {
      questions: messages(events),
      responderInboxId: alice.inboxId,
    }),
  verifyMembership: (events) => oracles.verifyMembership(events, [receiver], { conversationId, changes: [] }),
  "a matcher's look, own echoes": (events) => receivedBy(owner(events)),
  "sequence picture": (events) => renderSequence(events),
};

const ledgers = sizes.map(history);
let crossed = false;
for (const [name, judge] of Object.entries(subjects)) {
  const times = ledgers.map(() => []);
  for (let round = 0; round <= rounds; round += 1)
    for (const [index, events] of ledgers.entries()) {
      const start = performance.now();
      judge(events);
      if (round > 0) times[index].push(performance.now() - start);
    }
  const medians = times.map((list) => median(list));
  const ratios = medians.slice(1).map((ms, at) => (ms / medians[at]).toFixed(2));
  const overall = medians.at(-1) / medians[0] / (sizes.at(-1) / sizes[0]);
  crossed ||= overall > 2 || medians.at(-1) > 1_000;
  console.log(
    `${name.padEnd(30)} ${medians.at(-1).toFixed(0).padStart(5)} ms at ${largest}   x${ratios.join(" x")}   growth ${overall.toFixed(2)} (1 is linear)`,
  );
}
if (crossed) {
  console.error("One of them is not linear, or takes more than a second.");
  process.exitCode = 1;
}
