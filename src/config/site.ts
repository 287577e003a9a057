/** The form of the name of a site of Active Directory, for messages. */
export const SITE_FORM = "the name of a site: a label of letters, digits, hyphens and underscores, 63 at most";

/** Whether a text can be the name of a site: a label of a host name (MS-ADTS section 6.1.1.2.2.1). */
export function isSite(text: string): boolean {
  return /^[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?$/i.test(text);
}
