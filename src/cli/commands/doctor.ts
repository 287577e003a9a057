import type { CommandHost } from "../command.ts";
/** `krb5-remctl doctor`. */
export async function doctor(_host: CommandHost): Promise<number> {
  return 1;
}
