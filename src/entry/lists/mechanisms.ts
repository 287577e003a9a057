// Pre-authentication: mechanisms, and questions to a person. A list that several entries publish.

export type {
  Armor,
  Ask,
  CompletePrompts,
  LoginContext,
  OpenedReply,
  OtpQuestion,
  OtpToken,
  PinNotice,
  PreauthMechanism,
  PreauthOffer,
  PreauthReply,
  PreauthRound,
  PreauthRun,
  Prompts,
  Question,
  TokenQuestion,
} from "../../preauth/index.ts";
