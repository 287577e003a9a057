import {
  type Checks,
  checkBoolean,
  checkOctets,
  checkOptions,
  checkSignal,
  checkWholeOrInfinity,
} from "../checks/index.ts";
import { untilAborted } from "../host/index.ts";
import { KRB5_MECHANISM_OID } from "../iana/index.ts";
import type { SecurityContext, UnwrapOptions, WrapOptions } from "./context.ts";
import { MessageProtection } from "./message-protection.ts";
import { requireOctets, SealedContext, sealed } from "./sealed-context.ts";
import type { ProtectionParameters } from "./sealed-messages.ts";
import type { MessageTokens } from "./tokens.ts";

type StepOptions = NonNullable<Parameters<SecurityContext["step"]>[1]>;

const stepChecks: Checks<StepOptions> = { signal: checkSignal };
const wrapChecks: Checks<WrapOptions> = { conf: checkBoolean };
const unwrapChecks: Checks<UnwrapOptions> = { requireConf: checkBoolean, farewell: checkOctets };

/** A {@link SecurityContext} of either side: sealed messages, messages that are signed alone, and MICs apart. */
export class Krb5Context extends SealedContext implements SecurityContext {
  get mechanism(): string {
    return KRB5_MECHANISM_OID;
  }

  override async step(token?: Uint8Array, options: StepOptions = {}): Promise<Uint8Array | undefined> {
    if (token !== undefined) checkOctets("token", token);
    checkOptions("context.step", options, stepChecks);
    const work = super.step(token, options);
    // Replay caches, key sources and credentials are the caller's, and need not know of signals.
    return await untilAborted(work, options.signal, "the security context", (error) => this.die(error));
  }

  override unwrap(token: Uint8Array, options: UnwrapOptions = {}): Uint8Array {
    checkOptions("context.unwrap", options, unwrapChecks);
    return super.unwrap(token, options);
  }

  wrap(octets: Uint8Array, options: WrapOptions = {}): Uint8Array {
    checkOptions("context.wrap", options, wrapChecks);
    const messages = this.live();
    requireOctets(octets);
    const isSealed = options.conf ?? this.flags.confidentiality;
    if (isSealed) this.requireConfidentiality();
    return this.guard(() => (isSealed ? sealed(messages, octets) : messages.wrapPlain(octets)));
  }

  getMic(octets: Uint8Array): Uint8Array {
    const messages = this.live();
    requireOctets(octets);
    return this.guard(() => messages.getMic(octets));
  }

  verifyMic(octets: Uint8Array, mic: Uint8Array): void {
    const messages = this.live();
    requireOctets(octets, mic);
    this.guard(() => messages.verifyMic(octets, mic));
  }

  wrapSizeLimit(maxTokenBytes: number, options: WrapOptions = {}): number {
    checkWholeOrInfinity("maxTokenBytes", maxTokenBytes, 0);
    checkOptions("context.wrapSizeLimit", options, wrapChecks);
    const messages = this.live();
    const isSealed = options.conf ?? this.flags.confidentiality;
    return Math.max(0, maxTokenBytes - (isSealed ? messages.sealedOverhead : messages.plainOverhead));
  }

  protected override live(): MessageTokens {
    return super.live() as MessageTokens;
  }

  protected override protect(parameters: ProtectionParameters): MessageTokens {
    return new MessageProtection(parameters);
  }
}
