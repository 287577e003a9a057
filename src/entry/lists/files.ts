// Files and connections, which credentials are read through. A list that several entries publish.

export type { Connection, FileOpenOptions, FileStatus, Files, OpenedFile } from "../../host/index.ts";
