/**
 * Sequence diagrams of logins and commands as HTML: a list of steps between client, KDC and server that reads without
 * its style too. `krb5-remctl trace --html` writes one as a file; the site's playground shows one in the page.
 *
 * Layer 1: it may import `bytes`; it knows neither Kerberos nor a document.
 */
export { type ElementNode, element, htmlOf } from "./element.ts";
export { pageOf } from "./page.ts";
export { type Party, type SequenceStep, sequenceDiagram, stepItem } from "./sequence.ts";
export { DIAGRAM_STYLE } from "./style.ts";
