// A small src of one's own, for the tests of the checks that read sources.

import fs from "node:fs";
import os from "node:os";
import path from "node:path";

export interface SourceFolder extends Disposable {
  readonly src: string;
  /** Writes a file of it, and the folders that it needs. */
  write(file: string, text: string): void;
}

/** Makes a folder with files, by their paths in it. */
export function sourceFolder(files: Readonly<Record<string, string>>): SourceFolder {
  const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), "sources-")));
  const src = path.join(folder, "src");
  const write = (file: string, text: string): void => {
    fs.mkdirSync(path.dirname(path.join(src, file)), { recursive: true });
    fs.writeFileSync(path.join(src, file), text);
  };
  write("../package.json", '{ "type": "module" }\n');
  for (const [file, text] of Object.entries(files)) write(file, text);
  return { src, write, [Symbol.dispose]: () => fs.rmSync(folder, { recursive: true, force: true }) };
}
