// Each describe, a test of its own, fails with the code that is its title.
import { test } from "playwright-xmtp";
import { createSigner, describe, DockerContainer, getWorkers, it } from "playwright-xmtp/compat";

test("COMPAT_OUTSIDE", async () => void (await getWorkers(["alice"])));

test("BAD_KEY", () => void createSigner("0x12"));

describe("COMPAT_REFUSED", () => {
  it("a loss", () => new DockerContainer("node1").addLoss(10));
});
describe("COMPAT_TIMEOUT", () => {
  it("goes on", () => new Promise(() => undefined), 50);
});
describe("COMPAT_FAILED", () => {
  for (const name of ["one", "two"])
    it(name, () => {
      throw new Error(`${name} broke`);
    });
});
describe("COMPAT_UNAWAITED", () => {
  it("leaves work behind", () => void Promise.reject(new Error("nobody waits")));
});
