/** An id that is unique in this tab (`randomUUID` only exists where the page came over TLS). */
export function newId(): string {
  return crypto.getRandomValues(new Uint32Array(3)).join("-");
}
