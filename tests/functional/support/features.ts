import * as sdk from "@xmtp/node-sdk";
import { expect, test } from "playwright-xmtp";
import { features } from "../../support/sdk-differences.js";
import type { Feature } from "../../support/sdk-differences.js";

/**
 * Tests of what some version of node-sdk does not have. There, one test shows that it is as declared: none of the
 * feature's methods exist.
 */
export function whereSdkHas(name: keyof typeof features, tests: () => void): void {
  const feature: Feature = features[name];
  if (feature.methods.some((method) => method in prototypeOf(feature))) {
    tests();
    return;
  }
  test(`this node-sdk has no ${name}: ${feature.reason}`, () => {
    const known = Object.getOwnPropertyNames(prototypeOf(feature));
    expect(known.length).toBeGreaterThan(1);
    for (const method of feature.methods) expect(known).not.toContain(method);
  });
}

const prototypeOf = (feature: Feature): object => sdk[feature.class].prototype as object;
