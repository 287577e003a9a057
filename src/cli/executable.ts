import { fileURLToPath } from "node:url";

/** Whether this runs in an executable that `bun build --compile` made: its modules are in a file system inside it. */
const isSingle = /^(?:\/\$bunfs\/|[A-Z]:[\\/]~BUN[\\/])/.test(fileURLToPath(import.meta.url));

/** How the program was called: the path of the script, or of the executable, or of a link to it. */
export const calledAs: string | undefined = isSingle ? process.argv0 : process.argv[1];

/** The file to link to. */
export const programFile: string = (isSingle ? process.execPath : process.argv[1]) ?? "";
