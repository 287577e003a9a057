import { checkOctets } from "../checks/index.ts";

/** What `encryptInto` does of a message that `seal` gives: puts it into `out`, and says how long it is. */
export function sealedInto(out: Uint8Array, offset: number, seal: () => Uint8Array): number {
  checkOctets("out", out);
  const sealed = seal();
  const total = sealed.length;
  if (offset < 0 || total > out.length - offset) throw new RangeError(`no room for ${total} octets at ${offset}`);
  out.set(sealed, offset);
  return total;
}
