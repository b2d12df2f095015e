import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { XmtpTestError } from "../../../../src/errors.js";
import { redacted, registerSecret, shown } from "../../../../src/redaction.js";
import { toJson } from "../../../../src/report/to-json.js";
import { timelineJson, renderSequence } from "../../../../src/timeline/index.js";
import { LedgerBuilder } from "../oracles/ledger-builder.js";

const key = "0123456789abcdef".repeat(4);

describe("redaction", () => {
  it.each([
    ["http://user:hunter2@127.0.0.1:9/x", "http://[blanked]@127.0.0.1:9/x"],
    ["grpcs://hunter2@host", "grpcs://[blanked]@host"],
    ["https://h/?a=1&token=hunter2&b=2", "https://h/?a=1&token=[blanked]&b=2"],
    ["https://h/#access_token=hunter2", "https://h/#access_token=[blanked]"],
    ["authorization: Bearer hunter2.hunter2", "authorization: Bearer [blanked]"],
    [`key 0x${key}!`, "key 0x[blanked]!"],
    [`privateKey=${key}`, "privateKey=[blanked]"],
    [`{"walletKey": "${key}"}`, `{"walletKey": "[blanked]"}`],
    [`XMTP_DB_ENCRYPTION_KEY=${key}`, "XMTP_DB_ENCRYPTION_KEY=[blanked]"],
  ])("of %s", (text, safe) => {
    expect(redacted(text)).toBe(safe);
    expect(redacted(safe), "once is enough").toBe(safe);
  });

  it("leaves inbox and message ids, addresses and plain words", () => {
    for (const text of [key, `inbox ${key}`, `0x${"ab".repeat(20)}`, "a@b.c", "the key is lost", "x?page=2"])
      expect(redacted(text)).toBe(text);
  });

  it("knows the secrets of this run, with and without 0x", () => {
    const secret = "feed".repeat(16);
    registerSecret(`0x${secret}`);
    registerSecret("abc");
    expect(redacted(`${secret} and 0x${secret} and abc`)).toBe("[blanked] and 0x[blanked] and abc");
  });

  it("shows what a terminal or a page would obey, whatever stands around it", () => {
    expect(shown("a\u001b[31mb\u202ec\u0000")).toBe("a\\u001b[31mb\\u202ec\\u0000");
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const safe = shown(text).replace(/[\t\n]/g, "");
        expect(safe).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
      }),
    );
  });

  it("is done in errors, run JSON, timeline and picture", () => {
    const url = "http://user:hunter2@127.0.0.1:9";
    const ledger = new LedgerBuilder().listening("bob");
    ledger.send("alice", `${url}?token=hunter2 0x${key} \u202e`);
    ledger.lifecycle("alice", "error", `privateKey=${key} ${url}`);
    const outputs = [
      new XmtpTestError("X", `no endpoint URL ("${url}").`, "Give one.").message,
      toJson({ error: `${url} 0x${key}`, name: "\u202e" }),
      timelineJson(ledger.events, { title: url }),
      renderSequence(ledger.events, { title: url }),
    ];
    for (const output of outputs) {
      expect(output).not.toMatch(/hunter2|\u202e/);
      expect(output).not.toContain(key.slice(0, 20));
      expect(output).toContain("[blanked]");
    }
  });
});
