import { type Group, loadGroups } from "../curves/index.ts";
import { PreauthError } from "../errors.ts";
import { encTimestamp } from "./enc-timestamp.ts";
import { encryptedChallenge } from "./encrypted-challenge.ts";
import type { PreauthMechanism } from "./mechanism.ts";
import { otpWith } from "./otp/mechanism.ts";
import { pkinitWith } from "./pkinit/mechanism.ts";
import { spakeWith } from "./spake/mechanism.ts";

/** What a configuration says of mechanisms. */
export interface MechanismSettings {
  /** Names of SPAKE's groups for a realm (`spake_preauth_groups`), best first; undefined: all that there are. */
  spakeGroups(realm: string): readonly string[] | undefined;
}

/** Every mechanism of a program that has a configuration, best first; what is large is loaded when needed. */
export function usualMechanisms(settings: MechanismSettings): readonly PreauthMechanism[] {
  const spake = spakeWith(async ({ client: { realm } }) =>
    chooseGroups(await loadGroups(), settings.spakeGroups(realm)),
  );
  // Here and not in their own files: a bundle that is one file makes all lazy that a lazy part imports, and with one of
  // these mechanisms comes a file of dist that smaller clients share.
  const pkinit = pkinitWith(async () => (await import("./pkinit/exchange.ts")).PkinitExchange);
  const otp = otpWith(async () => (await import("./otp/exchange.ts")).OtpExchange);
  return [pkinit, spake, encryptedChallenge, encTimestamp, otp];
}

function chooseGroups(all: readonly Group[], names: readonly string[] | undefined): readonly Group[] {
  if (names === undefined) return all;
  const wanted = names.flatMap((word) => all.filter(({ name }) => name.toLowerCase() === word.toLowerCase()));
  if (wanted.length > 0) return [...new Set(wanted)];
  const words = `spake_preauth_groups names none of the groups that there are: ${all.map(({ name }) => name).join(", ")}`;
  throw new PreauthError("PREAUTH", words, { mechanism: "PA-SPAKE" });
}
