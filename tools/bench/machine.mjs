// What the figures were measured on, and how busy it was with other things.

import fs from "node:fs";
import os from "node:os";

/** @returns {{ cpu: string, cores: number, memoryGb: number, system: string }} */
export function describeMachine() {
  const cpus = os.cpus();
  return {
    cpu: cpus[0]?.model.trim() ?? "unknown",
    cores: cpus.length,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${osName()}, Linux ${os.release()}`.replace("Linux", os.type()),
  };
}

function osName() {
  try {
    return /^PRETTY_NAME="?([^"\n]+)/m.exec(fs.readFileSync("/etc/os-release", "utf8"))?.[1] ?? os.platform();
  } catch {
    return os.platform();
  }
}

/** How much of all processors was busy or stolen in this time, while this program waited: 0 to 1. @param {number} ms */
export async function busyPart(ms) {
  const before = times();
  await new Promise((resolve) => setTimeout(resolve, ms));
  const after = times();
  const total = after.total - before.total;
  return total <= 0 ? 0 : 1 - (after.idle - before.idle) / total;
}

function times() {
  let idle = 0;
  let total = 0;
  for (const { times: t } of os.cpus()) {
    idle += t.idle;
    total += t.idle + t.user + t.nice + t.sys + t.irq;
  }
  return { idle, total };
}
