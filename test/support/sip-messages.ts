/**
 * The SIP messages of a capture, as the engine hands them out.
 *
 * @module
 */

import { Engine } from "../../src/native/engine.js";
import type { SeenMessage } from "../../src/sip/call.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";
import { openCapture } from "../../src/capture/source.js";

/** Every SIP message of a capture, in the order in which the engine finds them. */
export async function sipMessagesOf(path: string): Promise<SeenMessage[]> {
  const engine = new Engine();
  const capture = await openCapture({ path });
  const messages: SeenMessage[] = [];
  const { descriptor, chunks } = capture;
  if (descriptor === undefined) engine.addFeed();
  else engine.addFile(descriptor);
  for (;;) {
    const pause = await engine.scan();
    for (const event of engine.takeEvents()) {
      if (event.kind !== "sip") continue;
      const message = scanSipMessage(event.payload);
      if (typeof message === "string") continue;
      messages.push({
        message,
        atMs: event.atMs,
        source: event.path.source,
        destination: event.path.destination,
        transport: event.transport,
        hasDescription: sdpBodies(message).length > 0,
        isTruncated: event.truncated,
      });
    }
    if (pause === "ended") break;
    if (pause !== "hungry") continue;
    const next = await chunks?.next();
    if (next === undefined || next.done === true) engine.endFeed(0);
    else engine.feed(0, next.value);
  }
  await engine.finish();
  await capture.close();
  return messages;
}
