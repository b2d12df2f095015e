import { expect } from "@playwright/test";
import { test } from "./fixtures.js";

test("an upload comes back under its name, byte for byte; unknown names are 404", async ({ node }) => {
  const bytes = Buffer.from(Array.from({ length: 1_000 }, (_, at) => at % 256));
  const uploaded = await fetch(`${node.historyUrl}/upload`, { method: "POST", body: bytes });
  expect(uploaded.status).toBe(200);
  expect(uploaded.headers.get("access-control-allow-origin")).toBe("*");
  const id = await uploaded.text();
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  const file = await fetch(`${node.historyUrl}/files/${id}`);
  expect(file.headers.get("content-type")).toBe("application/octet-stream");
  expect(Buffer.from(await file.arrayBuffer())).toEqual(bytes);
  expect((await fetch(`${node.historyUrl}/files/nothing`)).status).toBe(404);
  expect((await fetch(`${node.historyUrl}/`)).status).toBe(200);
  expect((await fetch(`${node.historyUrl}/elsewhere`)).status).toBe(404);
  expect((await fetch(`${node.historyUrl}/upload`, { method: "OPTIONS" })).status).toBe(204);
});

test("15,000,000 bytes fit, one more is refused; the server goes on", async ({ node }) => {
  const post = (size: number) =>
    fetch(`${node.historyUrl}/upload`, { method: "POST", body: Buffer.alloc(size) });
  expect((await post(15_000_000)).status).toBe(200);
  expect((await post(15_000_001)).status).toBe(400);
  expect((await fetch(`${node.historyUrl}/`)).status).toBe(200);
});

test("files survive a stop, and a snapshot", async ({ node }, info) => {
  const upload = await fetch(`${node.historyUrl}/upload`, { method: "POST", body: "archive" });
  const id = await upload.text();
  await node.snapshot(info.outputPath("snapshot"));
  await node.stop();
  await node.start();
  expect(await (await fetch(`${node.historyUrl}/files/${id}`)).text()).toBe("archive");
  await node.restore(info.outputPath("snapshot"));
  expect(await (await fetch(`${node.historyUrl}/files/${id}`)).text()).toBe("archive");
});
