// The JDK's ends of GSS-API, SASL and HTTP Negotiate, as Kafka, Hive and every Java program have them.

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { ensurePeers } from "../peers/index.mjs";
import { makeFolder, removeFolder } from "./process.mjs";

/**
 * @typedef {object} JavaOptions
 * @property {{ krb5Conf: string, keytab: { service: string } }} bed a realm bed: what accepts has its service keytab
 * @property {string} [cache] path of the credential cache of what initiates
 * @property {string} [ca] path of the certificate that HTTPS trusts
 * @property {string[]} [properties] more of the JDK's, as NAME=VALUE
 *
 * @typedef {object} JavaEnds
 * @property {(...words: (string | Uint8Array | undefined)[]) => Promise<string[]>} ask one request of JavaEnds.java, and the
 *   words of its answer; rejects with the JDK's own words
 * @property {() => string} logs
 * @property {() => Promise<void>} close
 */

/** Starts a JDK. Takes one to three seconds. @param {JavaOptions} options @returns {Promise<JavaEnds>} */
export async function startJava({ bed, cache, ca, properties = [] }) {
  const { java } = await ensurePeers(["java"]);
  if (!java.available) throw new Error(`the JDK's ends need Debian's package: ${java.reason}`);
  const dir = makeFolder("java");
  const all = [
    `java.security.krb5.conf=${bed.krb5Conf}`,
    "javax.security.auth.useSubjectCredsOnly=false",
    "sun.security.krb5.rcache=none",
    `java.io.tmpdir=${dir}`,
    `ends.keytab=${bed.keytab.service}`,
    ...(cache === undefined ? [] : [`ends.cache=${cache}`]),
    ...(ca === undefined ? [] : [`ends.ca=${ca}`]),
    ...properties,
  ].map((one) => `-D${one}`);
  const source = fileURLToPath(new URL("./JavaEnds.java", import.meta.url));
  const quick = ["-Xmx128m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC"];
  const child = spawn(java.find("lib/jvm/java-*-openjdk-*/bin/java") ?? "java", [...quick, ...all, source], {
    cwd: dir,
    env: { PATH: process.env.PATH, LC_ALL: "C", ...java.env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let logs = "";
  let isEnded = false;
  /** Those who wait for an answer, in the order of their requests. @type {((line: string) => void)[]} */
  const waiting = [];
  createInterface({ input: child.stdout }).on("line", (line) => waiting.shift()?.(line));
  child.stderr.on("data", (chunk) => {
    logs += chunk;
  });
  child.on("error", (error) => {
    logs += error.message;
  });
  const ended = new Promise((resolve) => {
    child.on("close", () => {
      isEnded = true;
      for (const one of waiting.splice(0)) one("error the JDK ended");
      resolve(undefined);
    });
  });
  child.stdin.on("error", () => {
    // It has ended: its output says why.
  });
  const answer = async () => {
    const line = isEnded ? "error the JDK ended" : await new Promise((resolve) => waiting.push(resolve));
    const [state, ...words] = /** @type {string} */ (line).split(" ");
    if (state !== "ok") throw new Error(`the JDK: ${words.join(" ")} ${logs}`.trim());
    return words;
  };
  const close = async () => {
    child.kill("SIGKILL");
    await ended;
    removeFolder(dir);
  };
  try {
    await answer();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    ask: (...words) => {
      child.stdin.write(`${words.map(word).join(" ")}\n`);
      return answer();
    },
    logs: () => logs,
    close,
  };
}

/** @param {string | Uint8Array | undefined} value octets are base64, and none are "-" */
function word(value) {
  if (typeof value === "string") return value;
  return value === undefined || value.length === 0 ? "-" : Buffer.from(value).toString("base64");
}
