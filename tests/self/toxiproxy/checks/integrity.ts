import type { Check } from "../check.js";
import type { Rig } from "../rig.js";

/** Two bytes a message, as the reference's own test: every number once, in order. */
const MESSAGES = 65_535;

/**
 * Messages in order while `mutate` is called again and again; "whole" when every one came once, in order.
 * Sender and toxics run side by side: the rounds only bound how long that lasts.
 */
const whole =
  (mutate: (rig: Rig, round: number) => Promise<void>) =>
  async (rig: Rig): Promise<unknown> => {
    const { client, server } = await rig.pair();
    const sent = Buffer.alloc(MESSAGES * 2);
    for (let index = 0; index < MESSAGES; index++) sent.writeUInt16BE(index, index * 2);
    let next = 0;
    const batch = 1500;
    for (let round = 0; next < sent.length; round++) {
      server.write(sent.subarray(next, (next += batch * 2)));
      await mutate(rig, round);
    }
    const got = await client.got(sent.length, 15_000);
    return got.equals(sent)
      ? "whole"
      : `differs at byte ${got.findIndex((byte, index) => byte !== sent[index])}`;
  };

const types: readonly (readonly [string, Record<string, number>])[] = [
  ["latency", { latency: 1000, jitter: 0 }],
  ["latency", { latency: 4, jitter: 4 }],
  ["bandwidth", { rate: 3000 }],
  ["slicer", { average_size: 64, size_variation: 32, delay: 100 }],
  ["slow_close", { delay: 1000 }],
  ["limit_data", { bytes: 10_000_000 }],
  ["noop", {}],
];

/** No byte is lost, doubled or moved by adding, changing and removing toxics. */
export const integrity: Check[] = [
  ...types.map(([type, attributes]): Check => ({
    name: `no data dropped: ${type} ${JSON.stringify(attributes)} added and removed`,
    run: whole(async (rig) => {
      await rig.toxic(type, attributes);
      await rig.removeToxic();
    }),
    expected: "whole",
  })),
  {
    name: "no data dropped: a chain of all lossless toxics, each changed, then reset",
    run: whole(async (rig, round) => {
      await rig.toxic("latency", { latency: 20, jitter: 10 }, { name: "a" });
      await rig.toxic("bandwidth", { rate: 5000 }, { name: "b" });
      await rig.toxic("slicer", { average_size: 100, size_variation: 50, delay: 10 }, { name: "c" });
      await rig.call("PATCH", "/proxies/p/toxics/a", { attributes: { latency: 5 } });
      await rig.call("PATCH", "/proxies/p/toxics/b", { attributes: { rate: 9000 }, toxicity: round % 2 });
      await rig.removeToxic("b");
      await rig.call("POST", "/reset");
    }),
    expected: "whole",
  },
];
