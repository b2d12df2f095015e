import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Lock } from "#src/network/state/lock.js";
import { systemProcesses } from "#src/network/state/process-life.js";
import type { ProcessLife, ProcessTable } from "#src/network/state/process-life.js";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xmtp-lock-"));
  file = join(folder, "node.state");
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A machine of which a test says who lives. */
function machine(self: ProcessLife, ...others: ProcessLife[]): ProcessTable {
  const known = new Set([self, ...others].map((life) => JSON.stringify([life.pid, life.start, life.boot])));
  return { self, lives: ({ pid, start, boot }) => known.has(JSON.stringify([pid, start, boot])) };
}
const life = (pid: number, start: string, boot = "boot-1"): ProcessLife => ({ pid, start, boot });

describe("the lock of a state file", () => {
  test("is one node's, its owner's alone to read, and free when it gives it back", () => {
    const lock = Lock.take(file);
    expect(statSync(`${file}.lock`).mode & 0o777).toBe(0o600);
    expect(() => Lock.take(file)).toThrow(
      expect.objectContaining({
        code: "STATE_IN_USE",
        message: expect.stringContaining(`process ${process.pid}`) as string,
      }),
    );
    lock.free();
    lock.free();
    expect(readdirSync(folder)).toEqual([]);
    Lock.take(file).free();
  });

  test.each([
    ["an earlier life of the own pid (a container that was killed)", life(3, "100"), life(3, "900")],
    ["the same pid and start before the machine was started again", life(3, "100"), life(3, "100", "boot-2")],
    ["another process that is gone", life(7, "100"), life(3, "200")],
  ])("counts for nothing when it names %s", (_, before, now) => {
    Lock.take(file, machine(before));
    const lock = Lock.take(file, machine(now));
    expect(JSON.parse(readFileSync(`${file}.lock`, "utf8"))).toMatchObject(now);
    lock.free();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("of a living process stands, also where it has the own pid's neighbor", () => {
    const owner = life(3, "100");
    Lock.take(file, machine(owner));
    expect(() => Lock.take(file, machine(life(4, "100"), owner))).toThrow(/Another node keeps its state/u);
  });

  test.each([
    "",
    "4194304",
    `${process.pid}`,
    "{",
    "null",
    '{"pid":1}',
    '{"pid":1,"start":"","boot":"","id":"../x"}',
  ])("that holds %j is nobody's", (text) => {
    writeFileSync(`${file}.lock`, text);
    Lock.take(file).free();
    expect(readdirSync(folder)).toEqual([]);
  });

  test("a late owner does not free its successor's", () => {
    const old = Lock.take(file, machine(life(3, "100")));
    const next = Lock.take(file, machine(life(3, "900")));
    old.free();
    expect(existsSync(`${file}.lock`)).toBe(true);
    next.free();
  });

  test("a right of takeover whose holder was killed stands in nobody's way", () => {
    Lock.take(file, machine(life(3, "100")));
    const { id } = JSON.parse(readFileSync(`${file}.lock`, "utf8")) as { id: string };
    writeFileSync(`${file}.lock.${id}`, JSON.stringify({ ...life(4, "100"), id: "b" }));
    Lock.take(file, machine(life(5, "900"))).free();
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a life of a process", () => {
  test("is the own, and not one that began at another time or on another boot", () => {
    const { self } = systemProcesses;
    expect(self.pid).toBe(process.pid);
    expect(systemProcesses.lives(self)).toBe(true);
    expect(systemProcesses.lives({ ...self, start: String(Number(self.start) - 1_000) })).toBe(false);
    expect(systemProcesses.lives({ ...self, pid: 2 ** 22 })).toBe(false);
    expect(systemProcesses.lives({ ...self, pid: 0 })).toBe(false);
    if (self.boot !== "") expect(systemProcesses.lives({ ...self, boot: "another" })).toBe(false);
  });

  test("of another process ends with it", async () => {
    const child = spawn(process.execPath, ["-e", "setInterval(() => 0, 1e6)"]);
    await once(child, "spawn");
    const pid = child.pid ?? 0;
    const { boot } = systemProcesses.self;
    const stat = boot === "" ? "" : readFileSync(`/proc/${pid}/stat`, "utf8");
    const start = boot === "" ? "" : (stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19] ?? "");
    expect(systemProcesses.lives({ pid, start, boot })).toBe(true);
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(systemProcesses.lives({ pid, start, boot })).toBe(false);
  });
});
