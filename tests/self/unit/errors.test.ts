import { expect, test } from "vitest";
import { XmtpTestError, throwTogether } from "../../../src/errors.js";

test("a message begins with its code, and has both halves", () => {
  const error = new XmtpTestError("BAD_PORT", "This is not a port (x).", "Give a number.");
  expect(error.message).toBe("BAD_PORT: This is not a port (x). Give a number.");
  expect(error).toMatchObject({ what: "This is not a port (x).", hint: "Give a number." });
  expect(new XmtpTestError("BAD_PORT", "No port.", "").message).toBe("BAD_PORT: No port.");
});

test("several thrown together each begin a line with their code", () => {
  const errors = [new XmtpTestError("A", "one.", ""), new XmtpTestError("B", "two.", "")];
  expect(() => throwTogether(errors)).toThrow(/^A: one\.\nB: two\.$/);
});
