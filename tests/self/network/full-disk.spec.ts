import { spawn, spawnSync } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "@playwright/test";
import { Code } from "#src/network/grpc/status.js";
import { startNode } from "#src/network/index.js";
import { mls } from "#src/network/proto/index.js";
import { RawClient } from "./grpc-client.js";
import { groupId, privateMessage } from "./mls-bytes.js";

/** What the file may have: the system refuses the rest, after a short write, as a full disk does. */
const LIMIT_KB = 64;
const { method } = mls.MlsApi;

interface Cli {
  readonly child: ChildProcess;
  readonly url: string;
  readonly historyUrl: string;
  stderr(): string;
}

/** A node whose process may write files up to the limit only; the limit can be lifted from outside. */
async function limitedNode(stateFile: string): Promise<Cli> {
  const cli = [process.execPath, join("dist", "src", "cli", "main.js"), "node"];
  const args = [...cli, "--port", "0", "--history-port", "0", "--state-file", stateFile];
  const child = spawn("bash", ["-c", `ulimit -S -f ${LIMIT_KB} && exec "$@"`, "bash", ...args]);
  let [output, errors] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString()));
  await expect.poll(() => output + errors).toContain("Ctrl+C ends it");
  const [url = "", historyUrl = ""] = output.match(/http:\/\/[\d.]+:\d+/gu) ?? [];
  return { child, url, historyUrl, stderr: () => errors };
}

async function end({ child }: Cli): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
}

const upload = async (url: string, text: string): Promise<{ status: number; body: string }> => {
  const response = await fetch(`${url}/upload`, { method: "POST", body: text });
  return { status: response.status, body: await response.text() };
};

test.skip(process.platform !== "linux", "prlimit lifts the limit of a process that runs");

test("a full disk: what cannot be kept is refused and told once, nothing acknowledged is lost, and it goes on", async ({}, info) => {
  const stateFile = info.outputPath("node.state");
  const node = await limitedNode(stateFile);
  const sent = new Set<string>();
  const refused = new Set<string>();
  const files = new Map<string, string>();
  try {
    await using raw = new RawClient(node.url);
    const send = async (text: string): Promise<void> => {
      const data = privateMessage("one", text.padEnd(3_000, "."));
      const { status: code, message } = await raw.call(method.sendGroupMessages, {
        messages: [{ version: { case: "v1", value: { data } } }],
      });
      if (code === 0) {
        sent.add(text);
        refused.delete(text);
      } else {
        expect({ code, message }).toEqual({
          code: Code.INTERNAL,
          message: expect.stringMatching(/^failed to insert message: E(FBIG|NOSPC)/u),
        });
        refused.add(text);
      }
    };
    for (let n = 0; n < 30; n++) {
      await send(`m${n}`);
      const content = `file ${n} `.padEnd(500, "-");
      const { status, body } = await upload(node.historyUrl, content);
      expect([200, 507]).toContain(status);
      if (status === 200) files.set(body, content);
      else expect(body).toMatch(/E(FBIG|NOSPC)/u);
    }
    expect(refused.size).toBeGreaterThan(5);
    expect(sent.size).toBeGreaterThan(10);
    const { messages } = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
    expect(messages, "nobody reads what was refused").toHaveLength(sent.size);
    expect(node.stderr().match(/takes no changes/gu)).toHaveLength(1);
    expect(node.stderr()).toContain("Free some space");

    const lifted = spawnSync("prlimit", ["--pid", String(node.child.pid), "--fsize=unlimited"]);
    expect(lifted.status, lifted.stderr.toString()).toBe(0);
    for (const text of [...refused]) await send(text);
    expect(refused.size, "as soon as there is room").toBe(0);
    const { status, body } = await upload(node.historyUrl, "late");
    expect(status).toBe(200);
    files.set(body, "late");
    await expect.poll(() => node.stderr()).toContain("takes changes again");
  } finally {
    await end(node);
  }
  expect((await stat(stateFile)).mode & 0o777, "its owner's alone").toBe(0o600);
  await using next = await startNode({ stateFile });
  await using raw = new RawClient(next.url);
  const { messages } = await raw.ok(method.queryGroupMessages, { groupId: groupId("one") });
  expect(messages).toHaveLength(30);
  for (const [id, content] of files) {
    expect(await (await fetch(`${next.historyUrl}/files/${id}`)).text()).toBe(content);
  }
});

test("killed under uploads: what was answered with 200 is there", async ({}, info) => {
  const stateFile = info.outputPath("node.state");
  const answered = new Map<string, string>();
  for (let life = 0; life < 3; life++) {
    const node = await limitedNode(stateFile);
    spawnSync("prlimit", ["--pid", String(node.child.pid), "--fsize=unlimited"]);
    const target = answered.size + 40;
    const lanes = Array.from({ length: 8 }, async (_, lane) => {
      for (let n = 0; ; n++) {
        const text = `${life} ${lane} ${n}`.padEnd(2_000, ".");
        try {
          const { status, body } = await upload(node.historyUrl, text);
          if (status !== 200) return;
          answered.set(body, text);
          if (answered.size >= target) void end(node);
        } catch (error) {
          // The kill: nobody has this one's answer.
          if (answered.size < target) throw error;
          return;
        }
      }
    });
    await Promise.all(lanes);
    await end(node);
  }
  expect(answered.size).toBeGreaterThan(100);
  await using next = await startNode({ stateFile });
  for (const [id, text] of answered) {
    expect(await (await fetch(`${next.historyUrl}/files/${id}`)).text()).toBe(text);
  }
});

test("snapshots, state files and restores take regular files only, and say which file is the matter", async ({}, info) => {
  await using node = await startNode();
  const fifo = info.outputPath("fifo");
  expect(spawnSync("mkfifo", [fifo]).status).toBe(0);
  for (const [file, kind] of [
    [fifo, "a pipe"],
    [info.outputDir, "a folder"],
    ["/dev/null", "a device"],
  ] as const) {
    const message = expect.stringContaining(`${file} is ${kind}`);
    await expect(node.snapshot(file)).rejects.toMatchObject({ code: "NOT_A_FILE", message });
    await expect(node.restore(file)).rejects.toMatchObject({ code: "BAD_SNAPSHOT", message });
    await expect(startNode({ stateFile: file })).rejects.toMatchObject({ code: "NOT_A_FILE", message });
  }
  const missing = info.outputPath("missing", "file");
  for (const [attempt, code] of [
    [() => node.snapshot(missing), "FILE_ACCESS"],
    [() => node.restore(missing), "BAD_SNAPSHOT"],
    [() => startNode({ stateFile: missing }), "BAD_STATE_FILE"],
  ] as const) {
    await expect(attempt()).rejects.toMatchObject({
      code,
      hint: "Its folder is missing: make it first, or choose another.",
    });
  }
  const snapshot = info.outputPath("snapshot");
  await node.snapshot(snapshot);
  await node.snapshot(snapshot);
  expect((await stat(snapshot)).mode & 0o777).toBe(0o600);
  await node.restore(snapshot);
});
