import { describe, expect, test } from "vitest";
import { KnownHosts, checkHosts } from "../../../../src/network/bounds/known-hosts.js";

const hosts = new KnownHosts(["Chaos.Example.org"]);

describe("names that a stranger's page cannot point here", () => {
  for (const authority of [
    undefined,
    "",
    "127.0.0.1:5556",
    "127.9.9.9",
    "192.168.1.7:80",
    "[::1]:5556",
    "[fe80::1]",
    "localhost:5556",
    "LOCALHOST",
    "page-2.localhost:5556",
    "host.docker.internal:5556",
    "host.containers.internal",
    "node",
    "toxiproxy:8666",
    "chaos.example.org",
    "chaos.example.org.:443",
  ]) {
    test(`${authority ?? "none"} is known`, () => expect(hosts.knows(authority)).toBe(true));
  }
});

describe("names that one can", () => {
  for (const authority of [
    "evil.test",
    "evil.test:5556",
    "EVIL.example.org:80",
    "127.0.0.1.evil.test",
    "127.0.0.1.nip.io:5556",
    "localhost.evil.test",
    "notinternal.example",
    "notlocalhost.com",
    "evil.chaos.example.org",
    "user@evil.test",
    "localhost:5556@evil.test",
    "[::1].evil.test",
    "evil.test/localhost",
    "a b.localhost",
  ]) {
    test(`${authority} is not known`, () => expect(hosts.knows(authority)).toBe(false));
  }
});

test("a list that is none is refused, by name", () => {
  expect(checkHosts(["a.example.org", "10.0.0.7", "::1"])).toHaveLength(3);
  for (const name of ["", "http://a.example.org", "a.example.org:80", "a.example.org/", 7 as never]) {
    expect(() => checkHosts([name])).toThrow(/allowedHosts has .*is not a host name/u);
  }
});
