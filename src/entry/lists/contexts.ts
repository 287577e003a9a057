// Security contexts. A list that several entries publish.

export type {
  AcceptorOptions,
  AcceptorService,
  BindingAddress,
  ChannelBindings,
  ChannelBindingsOption,
  ContextFlags,
  ContextOptions,
  SealingContext,
  SecurityContext,
  UnwrapOptions,
  WrapOptions,
} from "../../gssapi/index.ts";
