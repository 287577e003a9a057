import type { FileOpenOptions } from "./files.ts";

const OTHERS_WRITE = 0o022;

/**
 * How a file is opened that a program trusts, for example a keytab or krb5.conf. Links are followed, since Kubernetes
 * and crypto-policies give such files as links; that others may write one is the administrator's to mend: a warning.
 */
export function notingWriters(onWarning: ((text: string) => void) | undefined): FileOpenOptions {
  if (onWarning === undefined) return {};
  return {
    check: ({ mode = 0 }) => {
      if ((mode & OTHERS_WRITE) === 0) return;
      onWarning(`others may write it (mode ${mode.toString(8)}); it should be 644 or less`);
    },
  };
}
