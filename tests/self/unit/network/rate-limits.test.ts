import { describe, expect, it } from "vitest";
import { RateLimiter, checkRateLimits } from "../../../../src/network/services/rate-limits.js";
import type { RateLimitOptions } from "../../../../src/network/services/rate-limits.js";

function limiter(options: RateLimitOptions = {}) {
  const clock = { ms: 0 };
  return { clock, limits: new RateLimiter(options, () => clock.ms) };
}

describe("the real node's rate limits", () => {
  it("has its numbers: 20,000 and 3,000 tokens, per address and bucket", () => {
    const { limits } = limiter();
    limits.spend("DEF", "a", 20_000);
    limits.spend("PUB", "a", 3_000);
    limits.spend("DEF", "b", 1);
    expect(() => limits.spend("DEF", "a", 1)).toThrow("1 exceeds rate limit RaDEF");
    expect(() => limits.spend("PUB", "a", 7)).toThrow(
      expect.objectContaining({ code: 8, message: "7 exceeds rate limit RaPUB" }),
    );
  });

  it("refuses a call that costs more than is left, and takes nothing for it", () => {
    const { limits } = limiter({ publishTokens: 5 });
    expect(() => limits.spend("PUB", "a", 6)).toThrow("6 exceeds");
    limits.spend("PUB", "a", 5);
    expect(() => limits.spend("PUB", "a", 1)).toThrow();
  });

  it("credits whole minutes of silence, 4,000 and 600 each, up to the full bucket", () => {
    const { clock, limits } = limiter();
    limits.spend("DEF", "a", 20_000);
    limits.spend("PUB", "a", 3_000);
    clock.ms += 119_999;
    limits.spend("DEF", "a", 4_000);
    limits.spend("PUB", "a", 600);
    expect(() => limits.spend("DEF", "a", 1)).toThrow();
    expect(() => limits.spend("PUB", "a", 1)).toThrow();
    clock.ms += 59 * 60_000;
    expect(() => limits.spend("DEF", "a", 20_001)).toThrow();
    limits.spend("DEF", "a", 20_000);
  });

  it("gives nothing back to whoever keeps calling, refused calls included", () => {
    const { clock, limits } = limiter({ defaultTokens: 1 });
    limits.spend("DEF", "a", 1);
    for (let second = 0; second < 600; second += 59) {
      clock.ms += 59_000;
      expect(() => limits.spend("DEF", "a", 1)).toThrow();
    }
    clock.ms += 60_000;
    limits.spend("DEF", "a", 1);
  });

  it("priority doubles the default limits and quadruples those of publishing, refill too", () => {
    const { clock, limits } = limiter({ priorityIps: ["p"] });
    limits.spend("DEF", "p", 40_000);
    limits.spend("PUB", "p", 12_000);
    expect(() => limits.spend("PUB", "p", 1)).toThrow("1 exceeds rate limit PpPUB");
    clock.ms += 60_000;
    limits.spend("DEF", "p", 8_000);
    limits.spend("PUB", "p", 2_400);
    expect(() => limits.spend("DEF", "p", 1)).toThrow("1 exceeds rate limit PpDEF");
  });

  it("forgets buckets that were idle for an hour", () => {
    const { clock, limits } = limiter();
    limits.spend("DEF", "a", 1);
    clock.ms += 59 * 60_000;
    limits.spend("DEF", "b", 1);
    expect(limits.size).toBe(2);
    clock.ms += 10 * 60_000;
    limits.spend("DEF", "b", 1);
    expect(limits.size).toBe(1);
  });

  it("takes true, numbers, and nothing odd", () => {
    expect([checkRateLimits(false), checkRateLimits(true)]).toEqual([undefined, {}]);
    expect(() => checkRateLimits({ publishTokens: -1 })).toThrow("rateLimits.publishTokens is -1");
  });
});
