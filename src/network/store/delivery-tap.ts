/** What becomes of a live delivery in place of being written. */
export type DeliveryFate =
  | { readonly kind: "duplicate" | "lose" }
  | {
      readonly kind: "hold";
      /** Told how to let the delivery go on when nothing has overtaken it. */
      held(release: () => void): void;
      /** Told once it went on. */
      done(release: () => void, overtaken: boolean): void;
    };

/** Asked about each live delivery of a subscription before it is written. */
export interface DeliveryTap {
  /** @param peer `address:port` of the subscriber */
  takeDelivery(stream: "group" | "welcome", peer: string): DeliveryFate | undefined;
}
