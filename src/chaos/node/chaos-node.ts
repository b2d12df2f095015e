import type { EmbeddedNode } from "../../network/index.js";

/** What chaos asks of the embedded node. */
export type ChaosNode = Pick<
  EmbeddedNode,
  | "url"
  | "openClientPort"
  | "closeClientPort"
  | "clientPorts"
  | "failNext"
  | "delayNext"
  | "disturbDeliveries"
  | "endStreams"
  | "muteStreams"
  | "faults"
  | "liftFault"
  | "onFaultTaken"
>;
