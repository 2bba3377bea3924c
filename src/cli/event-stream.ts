/**
 * Server-Sent Events as they come (WHATWG HTML §9.2), without what this needs not: ids and retries.
 *
 * @module
 */

/** One event. */
export interface ServerEvent {
  /** `message` where the server names no other. */
  readonly event: string;
  readonly data: string;
}

/** Characters of one event: no server of ours sends that many. */
const MAX_EVENT_CHARACTERS = 16_777_216;

/**
 * The events of a body.
 *
 * @throws {Error} If one is too long, or the body breaks off.
 */
export async function* serverEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  const decoder = new TextDecoder();
  let rest = "";
  let event = "message";
  let data: string[] = [];
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true });
    const lines = rest.split(/\r\n|\n|\r(?!$)/);
    rest = lines.pop() ?? "";
    if (rest.length > MAX_EVENT_CHARACTERS) throw new Error("an event of the server is too long");
    for (const line of lines) {
      if (line === "") {
        if (data.length > 0) yield { event, data: data.join("\n") };
        [event, data] = ["message", []];
        continue;
      }
      const [, name = line, value = ""] = /^([^:]*): ?(.*)$/s.exec(line) ?? [];
      if (name === "event") event = value;
      if (name === "data") data.push(value);
    }
  }
}
