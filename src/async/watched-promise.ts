/**
 * A promise that knows whether somebody waits for it.
 *
 * `startStream` may be left unawaited. Its rejection must then neither be lost nor become an unhandled
 * rejection, which Playwright blames on the next test; it is handed to `onUnwatched` instead.
 */
export class WatchedPromise<T> extends Promise<T> {
  #watched = false;

  /** Plain promises come out of `then`, so that only this one is counted. */
  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  static of<T>(work: Promise<T>, onUnwatched: (error: unknown) => void): WatchedPromise<T> {
    const watched = new WatchedPromise<T>((resolve, reject) => {
      work.then(resolve, (error: unknown) => {
        if (!watched.#watched) onUnwatched(error);
        reject(error);
      });
    });
    // Handled here for good: whoever awaits it still gets the rejection.
    void super.prototype.then.call(watched, undefined, () => undefined);
    return watched;
  }

  override then<R1 = T, R2 = never>(
    onFulfilled?: ((value: T) => R1 | PromiseLike<R1>) | null,
    onRejected?: ((reason: unknown) => R2 | PromiseLike<R2>) | null,
  ): Promise<R1 | R2> {
    this.#watched = true;
    return super.then(onFulfilled, onRejected);
  }
}
