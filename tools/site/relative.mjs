// VitePress writes addresses from the root of a server. The pages are also opened from a disk, where they would find neither
// styles nor each other: addresses from each page's own place do for both.

import fs from "node:fs";
import path from "node:path";

/** Writes the addresses of a folder's pages anew. @param {string} out @returns {number} how many there were */
export function relativeAddresses(out) {
  let count = 0;
  for (const name of fs.readdirSync(out, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".html")) continue;
    const file = path.join(out, name);
    const up = "../".repeat(name.split(path.sep).length - 1);
    const html = fs.readFileSync(file, "utf8").replace(/(\s(?:href|src)=")\/(?!\/)([^"#]*)/g, (_, before, rest) => {
      count++;
      return `${before}${up}${rest === "" ? "index.html" : rest}`;
    });
    fs.writeFileSync(file, html);
  }
  return count;
}
