/**
 * Attaches to drachtio-srf (5.0) where it speaks with drachtio-server. The server is the SIP stack
 * and sends no copy of what it does by itself: 100 Trying, retransmissions, ACKs and CANCELs that it
 * answers, timeouts. What comes by here is a partial view, and marked as one.
 *
 * @module
 */

import { addressBytes } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import { StackHooks, type AttachOptions, type SipAttachment } from "./sip-attachment.js";
import { transportNamed } from "./sip-endpoints.js";
import type { SipStackObserver, StackMessage } from "./sip-observer.js";
import type { DrachtioSrf, DrachtioWire } from "./sip-ports.js";
import { together } from "./wire-tap.js";

/**
 * Attaches to an Srf on which `connect()` or `listen()` has been called: before, there is nothing to
 * attach to, and everything is listed as missing.
 *
 * It listens, and replaces nothing; above all it adds no listener to a dialog, which would change
 * who answers a re-INVITE.
 *
 * @throws {TypeError} If the Srf or the observer is no object, or there is no clock.
 * @throws {Error} If the Srf is attached already.
 */
export function attachDrachtio(
  srf: DrachtioSrf,
  observer: SipStackObserver,
  options: AttachOptions,
): SipAttachment {
  const hooks = new StackHooks(srf, observer, options);
  const wire = wireOf(srf);
  hooks.install(["sent-messages", "received-messages"], () =>
    listen(wire, "msg", (_socket: unknown, text: unknown) => {
      hooks.guard(() => {
        const message = typeof text === "string" ? readMessage(text) : undefined;
        if (message !== undefined) hooks.tell("message", message);
      });
    }),
  );
  hooks.install(["transport-state", "stack-state"], () =>
    together(
      listen(wire, "close", () => {
        // Where drachtio-server connects to the application, it does so for each call.
        if (wire?.server !== undefined) return;
        hooks.tell(wire?.closing === true ? "stopped" : "transportLost", {});
      }),
      listen(wire, "connect", () => {
        hooks.tell("transportBack", {});
      }),
    ),
  );
  hooks.lack("send-failures", "session-state", "existing-dialogs", "media-binding");
  hooks.lack("stack-faults", "stack-timers");
  return hooks.attachment(true);
}

/**
 * A message of the protocol: fields between bars, then a line end and SIP if there is any.
 *
 * `…|sip|<source>|<bytes>|<transport>|<address>|<port>|<time>|<transaction>|<dialog>[|<address>|<port>]`
 * is what came in, or what the server sent unasked. `…|response|<id>|OK|<source>|<bytes>|…` echoes
 * what it sent for the application.
 */
function readMessage(text: string): Omit<StackMessage, "atMs"> | undefined {
  const lineEnd = text.indexOf("\r\n");
  if (lineEnd < 0 || lineEnd + 2 === text.length) return undefined;
  const fields = text.slice(0, lineEnd).split("|");
  const sourceAt = fields[1] === "sip" ? 2 : 4;
  if (fields[1] !== "sip" && (fields[1] !== "response" || fields[3] !== "OK")) return undefined;
  const [source, , transport, address, port, , , , localAddress, localPort] =
    fields.slice(sourceAt);
  return {
    direction: source === "network" ? "in" : "out",
    text: text.slice(lineEnd + 2),
    transport: transportNamed(transport),
    remote: endpointOf(address, port),
    local: endpointOf(localAddress, localPort),
  };
}

function endpointOf(address: string | undefined, port: string | undefined): Endpoint | undefined {
  if (address === undefined || port === undefined || !/^\d{1,5}$/.test(port)) return undefined;
  const bare = address.startsWith("[") ? address.slice(1, -1) : address;
  return addressBytes(bare) === undefined ? undefined : { address: bare, port: Number(port) };
}

function wireOf(srf: DrachtioSrf): DrachtioWire | undefined {
  let at: unknown = srf;
  for (const name of ["_app", "client", "wp"]) {
    const isHolder = (typeof at === "object" && at !== null) || typeof at === "function";
    at = isHolder ? Reflect.get(at as object, name) : undefined;
  }
  return typeof at === "object" && at !== null && "prependListener" in at
    ? (at as DrachtioWire)
    : undefined;
}

/** First in the line, so that what the application does with a message comes after it. */
function listen(
  wire: DrachtioWire | undefined,
  event: string,
  listener: (...values: never[]) => void,
): (() => void) | undefined {
  if (wire === undefined) return undefined;
  wire.prependListener(event, listener);
  return () => {
    wire.removeListener(event, listener);
  };
}
