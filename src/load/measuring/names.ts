/** The counters of a load run, as Artillery's report and `ensure` name them. */
export const counterNames = [
  "xmtp.users.signed_up",
  "xmtp.users.settled",
  "xmtp.users.died",
  "xmtp.sent",
  "xmtp.acknowledged",
  "xmtp.send_failed",
  "xmtp.slots_missed",
  "xmtp.delivered",
  "xmtp.late",
  "xmtp.duplicate",
  "xmtp.republished",
  "xmtp.lost",
  "xmtp.lost_on_stream",
  "xmtp.lost_in_store",
  "xmtp.missed_in_outage",
  "xmtp.stream_outages",
  "xmtp.conversations_missing",
] as const;
export type CounterName = (typeof counterNames)[number];

/** The histograms; ms but for the last two. */
export const histogramNames = [
  "xmtp.sign_up_ms",
  "xmtp.join_ms",
  "xmtp.send_ms",
  "xmtp.delivery_ms",
  "xmtp.sync_ms",
  "xmtp.database_kb",
  "xmtp.memory_mb_per_user",
] as const;
export type HistogramName = (typeof histogramNames)[number];
