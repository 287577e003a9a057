import type { Command } from "../command.ts";

/** Every command: one line here, its code in a file of this folder, loaded when it is called. */
export const commands: readonly Command[] = [];
