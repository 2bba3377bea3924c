/**
 * Where a message comes from and goes to, as far as its own header fields tell: a stack's transport
 * mostly does not say.
 *
 * @module
 */

import { addressBytes, addressText } from "../net/address.js";
import type { Endpoint } from "../net/endpoint.js";
import { parseNameAndUri } from "../sip/address.js";
import type { SipMessage, SipRequest } from "../sip/message.js";
import type { Via } from "../sip/via.js";
import type { SipTransportName } from "./sip-observer.js";

/** Stands for an endpoint that nothing names. */
export const UNKNOWN_ENDPOINT: Endpoint = { address: "", port: 0 };

const MAX_PORT = 65_535;
const HTTP_PORT = 80;
const HTTPS_PORT = 443;
const SIP_PORT = 5060;
const SIPS_PORT = 5061;

/** The transport a Via names (RFC 3261 §20.42, RFC 7118), or nothing for others. */
export function transportNamed(name: string | undefined): SipTransportName | undefined {
  switch ((name ?? "").toUpperCase()) {
    case "UDP":
      return "udp";
    case "TCP":
      return "tcp";
    case "TLS":
      return "tls";
    case "WS":
    case "WSS":
      return "websocket";
    default:
      return undefined;
  }
}

/** The sender of a request by its own word. */
export function sentBy(via: Via): Endpoint {
  return endpointOf(via.sentBy, defaultPort(via.transport));
}

/** Where a request really came from and its responses go to (RFC 3261 §18.2.2, RFC 3581 §4). */
export function viaSource(via: Via): Endpoint {
  const { address, port } = sentBy(via);
  if (via.received === undefined) return { address, port: via.rport ?? port };
  const received = canonical(via.received);
  // A port belongs to an address: that of a name in sent-by says nothing of where it came from.
  const given = via.rport ?? (port === 0 ? defaultPort(via.transport) : port);
  return { address: received, port: given };
}

/** Where a request is to go next: its topmost Route, else its Request-URI (RFC 3261 §8.1.2). */
export function requestTarget(request: SipRequest): Endpoint {
  const route = request.headerList("route")[0];
  return uriEndpoint(route === undefined ? request.requestUri : parseNameAndUri(route).uri);
}

/** Host and port of a SIP URI. */
export function uriEndpoint(uri: string): Endpoint {
  const match = /^(sips?):(?:[^@]*@)?([^;?>\s]+)/i.exec(uri);
  if (match === null) return UNKNOWN_ENDPOINT;
  const [, scheme = "", hostPort = ""] = match;
  return endpointOf(hostPort, scheme.toLowerCase() === "sips" ? SIPS_PORT : SIP_PORT);
}

/** Host and port of a WebSocket URL, or nothing where it is none. */
export function urlEndpoint(url: string | undefined): Endpoint | undefined {
  const match = /^(wss?):\/\/([^/?#]+)/i.exec(url ?? "");
  if (match === null) return undefined;
  const [, scheme = "", hostPort = ""] = match;
  const port = scheme.toLowerCase() === "wss" ? HTTPS_PORT : HTTP_PORT;
  const { address, port: given } = endpointOf(hostPort, port);
  return { address, port: given === 0 ? port : given };
}

/** A host name or address and the port that a stack knows, if it does. */
export function namedEndpoint(
  host: string | undefined,
  port: number | undefined,
  transport: SipTransportName | undefined,
): Endpoint | undefined {
  if (host === undefined || host === "") return undefined;
  const { address, port: usual } = endpointOf(host, usualPort(transport));
  return { address, port: port ?? usual };
}

/** What tells the transaction of a message from others on its way. */
export function pathKey({ topVia }: SipMessage): string | undefined {
  return topVia?.branch === undefined ? undefined : `${topVia.sentBy} ${topVia.branch}`;
}

/** A name without a port has port 0: only DNS could tell (RFC 3263 §4.2). */
function endpointOf(hostPort: string, usual: number): Endpoint {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(hostPort);
  if (match === null) return { address: canonical(hostPort), port: usual };
  const [, host = "", digits] = match;
  const address = canonical(host);
  const port = digits === undefined ? undefined : Number(digits);
  if (port !== undefined && port <= MAX_PORT) return { address, port };
  return { address, port: addressBytes(address) === undefined ? 0 : usual };
}

/** An address as {@link Endpoint} has it; a name in lower case. */
function canonical(host: string): string {
  const bare = host.startsWith("[") ? host.slice(1, -1) : host;
  const bytes = addressBytes(bare);
  return bytes === undefined ? bare.toLowerCase() : addressText(bytes.bytes, bytes.isIpv6);
}

function defaultPort(viaTransport: string): number {
  if (viaTransport === "WS") return HTTP_PORT;
  if (viaTransport === "WSS") return HTTPS_PORT;
  return viaTransport === "TLS" ? SIPS_PORT : SIP_PORT;
}

function usualPort(transport: SipTransportName | undefined): number {
  if (transport === "websocket") return HTTP_PORT;
  return transport === "tls" ? SIPS_PORT : SIP_PORT;
}
