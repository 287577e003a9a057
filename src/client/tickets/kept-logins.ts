import { decodeHex, decodeText, encodeHex, encodeText } from "../../bytes/index.ts";
import type { LoginNotes } from "../../credentials/index.ts";
import { PADATA } from "../../iana/index.ts";
import type { KeyHint } from "../../preauth/index.ts";
import { type EarlierLogin, type EarlierProof, type KeptLogins, UNASKED_MS } from "../as/earlier-logins.ts";

const VERSION = 1;
/** More than any KDC's salt has: what is longer is not kept. */
const MAX_SALT = 1024;
const MAX_PARAMS_BYTES = 64;

/** A note, as JSON. Its etype is there where a proof is; without one, each login asks first. */
interface Note {
  readonly version: typeof VERSION;
  readonly etype?: number;
  readonly salt?: string;
  readonly params?: string;
  readonly clockOffsetMs?: number;
  readonly askedAtMs?: number;
}

/**
 * What logins of one secret leave for those of other processes (rule P19): that the KDC took a timestamp under a key
 * made so, or that it wants to be asked first. It is beside the tickets of a sealed store, whose name and seal bind it
 * to the principal and the secret. What cannot be read or taken away counts as nothing: then the KDC is asked first.
 */
export function storedLogins(notes: LoginNotes): KeptLogins {
  const keep = (login: EarlierLogin, nowMs: number): void => {
    const note = noteOf(login);
    if (note === undefined) return;
    const untilMs = (note.askedAtMs ?? nowMs) + UNASKED_MS;
    if (untilMs > nowMs) notes.keep(encodeText(JSON.stringify(note)), Math.ceil((untilMs - nowMs) / 1000));
  };
  return async (own, now) => {
    const octets = await notes.take();
    return {
      login: own.login ?? (octets && loginOf(octets)),
      keep: (login) => {
        keep(login, now());
        return own.keep(login);
      },
    };
  };
}

/** What of a login counts in another process; undefined: nothing. */
function noteOf({ proof, isAskedFirst }: EarlierLogin): Note | undefined {
  if (isAskedFirst === true) return { version: VERSION };
  // A proof that nobody has asked for says nothing of what the KDC offers; one inside FAST is not repeated outside.
  if (proof?.mechanism !== PADATA.encTimestamp || proof.askedAtMs === undefined) return undefined;
  const { hint, clockOffsetMs, askedAtMs } = proof;
  const { etype, salt, s2kparams } = hint;
  if ((salt ?? "").length > MAX_SALT || (s2kparams ?? []).length > MAX_PARAMS_BYTES) return undefined;
  return {
    version: VERSION,
    etype,
    ...(salt === undefined ? {} : { salt }),
    ...(s2kparams === undefined ? {} : { params: encodeHex(s2kparams) }),
    clockOffsetMs,
    askedAtMs,
  };
}

/** Undefined for what another version of this package left, or another program with the key. */
function loginOf(octets: Uint8Array): EarlierLogin | undefined {
  try {
    const note = JSON.parse(decodeText(octets)) as Note | null;
    return note?.version === VERSION ? loginIn(note) : undefined;
  } catch {
    return undefined;
  }
}

function loginIn({ etype, salt, params, clockOffsetMs = 0, askedAtMs }: Note): EarlierLogin | undefined {
  if (etype === undefined) return { proof: undefined, floor: undefined, isAskedFirst: true };
  const isText = salt === undefined || typeof salt === "string";
  if (!isText || ![etype, clockOffsetMs, askedAtMs].every(Number.isFinite)) return undefined;
  const hint: KeyHint = {
    etype,
    ...(salt === undefined ? {} : { salt }),
    ...(params === undefined ? {} : { s2kparams: decodeHex(params) }),
  };
  const proof: EarlierProof = { mechanism: PADATA.encTimestamp, hint, clockOffsetMs, askedAtMs };
  return { proof, floor: hint };
}
