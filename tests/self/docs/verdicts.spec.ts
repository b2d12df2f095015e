import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { ESLint } from "eslint";
import type { Linter } from "eslint";
import * as oracles from "playwright-xmtp/oracles";
import { runInlineTest, specsOf } from "../inline-project.js";
import { root } from "../package/consumer.js";

test("a verdict that nobody reads is told with the test; one that is read is not", async () => {
  const run = await runInlineTest({
    "verdicts.spec.ts": `
      import { expect, test, verifyMessageStream } from "playwright-xmtp";

      test("forgotten", async ({ alice, bob }) => {
        const dm = await alice.createDm(bob);
        await verifyMessageStream(dm, [bob]);
      });
      test("asserted", async ({ alice, bob }) => {
        const dm = await alice.createDm(bob);
        expect(await verifyMessageStream(dm, [bob])).toHold();
      });
      test("read in part", async ({ alice, bob }) => {
        const dm = await alice.createDm(bob);
        expect(await verifyMessageStream(dm, [bob])).toMatchObject({ receptionPercent: 100 });
      });
    `,
  });
  expect(run).toMatchObject({ exitCode: 0, passed: 3 });
  const specs = run.report === undefined ? [] : specsOf(run.report);
  const told = Object.fromEntries(
    specs.map(({ title, tests }) => [
      title,
      tests
        .flatMap(({ annotations }) => annotations)
        .flatMap(({ type, description }) => (type === "unasserted" ? [description] : [])),
    ]),
  );
  expect(told).toEqual({
    forgotten: [
      "messages: pass (1 judged). Nothing asserted this: write expect(await verify…Stream(…)).toHold().",
    ],
    asserted: [],
    "read in part": [],
  });
});

test("the ESLint rule of docs/matchers.md finds every oracle and verification whose verdict is dropped", async () => {
  const page = readFileSync(join(root, "docs/matchers.md"), "utf8");
  const [, snippet = ""] = /^```js\n(\/\/ eslint\.config\.js\n.*?)^```$/ms.exec(page) ?? [];
  const url = `data:text/javascript,${encodeURIComponent(snippet)}`;
  const { default: config } = (await import(url)) as { default: Linter.Config[] };
  const lint = new ESLint({ cwd: root, overrideConfigFile: true, overrideConfig: config });
  const complaints = async (code: string): Promise<number> => {
    const [result] = await lint.lintText(code, { filePath: join(root, "tests/seeded.spec.mjs") });
    return result?.messages.filter(({ ruleId }) => ruleId === "no-restricted-syntax").length ?? 0;
  };

  // What gives text or sums up verdicts is no judgement of its own.
  const judges = Object.keys(oracles).filter(
    (name) => !["combineVerdicts", "verdictLines", "membershipsOf"].includes(name),
  );
  expect(judges.length).toBeGreaterThan(10);
  for (const judge of judges) {
    expect(await complaints(`${judge}(events);`), judge).toBe(1);
    expect(await complaints(`expect(${judge}(events)).toHold();`), judge).toBe(0);
  }
  expect(await complaints("await verifyMessageStream(dm, [bob]);")).toBe(1);
  expect(await complaints("expect(await verifyMessageStream(dm, [bob])).toHold();")).toBe(0);
});
