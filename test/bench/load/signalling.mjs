/**
 * The SIP messages of a call over UDP (RFC 3261), with an SDP offer and answer.
 *
 * @module
 */

const CRLF = "\r\n";

const FORMATS = {
  0: ["a=rtpmap:0 PCMU/8000"],
  8: ["a=rtpmap:8 PCMA/8000"],
  101: ["a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16"],
  111: ["a=rtpmap:111 opus/48000/2", "a=fmtp:111 minptime=10;useinbandfec=1"],
};

/** An address as a URI and a Via header write it. */
function host(address) {
  return address.includes(":") ? `[${address}]` : address;
}

function sessionDescription(endpoint, payloadTypes, sessionNumber) {
  const network = endpoint.address.includes(":") ? "IN IP6" : "IN IP4";
  const lines = [
    "v=0",
    `o=- ${sessionNumber} 1 ${network} ${endpoint.address}`,
    "s=call",
    `c=${network} ${endpoint.address}`,
    "t=0 0",
    `m=audio ${endpoint.port} RTP/AVP ${payloadTypes.join(" ")}`,
    ...payloadTypes.flatMap((payloadType) => FORMATS[payloadType]),
    "a=ptime:20",
    "a=sendrecv",
  ];
  return lines.map((line) => line + CRLF).join("");
}

function message(startLine, headers, body = "") {
  const lines = [startLine, ...headers];
  if (body !== "") lines.push("Content-Type: application/sdp");
  lines.push(`Content-Length: ${Buffer.byteLength(body)}`);
  return Buffer.from(lines.join(CRLF) + CRLF + CRLF + body, "latin1");
}

/** The header lines that the messages of one call share. */
class Lines {
  constructor(call) {
    this.call = call;
    this.caller = `<sip:${1000 + (call.number % 9000)}@example.net>;tag=${call.fromTag}`;
    this.callee = `<sip:${calleeNumber(call)}@example.net>`;
    this.calleeTagged = `${this.callee};tag=${call.toTag}`;
    this.callerContact = `<sip:phone@${host(call.caller.address)}:5060>`;
    this.calleeContact = `<sip:media@${host(call.callee.address)}:5060>`;
  }

  via(side, transaction) {
    const branch = `z9hG4bK${this.call.branch}${transaction}`;
    return `Via: SIP/2.0/UDP ${host(side.address)}:5060;branch=${branch}`;
  }

  /** Of a message that `from` began the transaction of. */
  dialog(from, to, cseq) {
    return [`From: ${from}`, `To: ${to}`, `Call-ID: ${this.call.callId}`, `CSeq: ${cseq}`];
  }
}

function calleeNumber(call) {
  return 2000 + (call.number % 8000);
}

function setupMessages(call, lines) {
  const { caller, callee } = call;
  const inviteVia = lines.via(caller, 1);
  const invited = lines.dialog(lines.caller, lines.callee, "1 INVITE");
  const answered = lines.dialog(lines.caller, lines.calleeTagged, "1 INVITE");
  const acknowledged = lines.dialog(lines.caller, lines.calleeTagged, "1 ACK");
  const forwards = "Max-Forwards: 70";
  const callerContact = `Contact: ${lines.callerContact}`;
  const calleeContact = `Contact: ${lines.calleeContact}`;
  return [
    message(
      `INVITE sip:${calleeNumber(call)}@${host(callee.address)} SIP/2.0`,
      [inviteVia, forwards, ...invited, callerContact, "User-Agent: phone/4.2"],
      sessionDescription(caller, call.offered, 7000 + call.number),
    ),
    message("SIP/2.0 100 Trying", [inviteVia, ...invited]),
    message("SIP/2.0 180 Ringing", [inviteVia, ...answered, calleeContact]),
    message(
      "SIP/2.0 200 OK",
      [inviteVia, ...answered, calleeContact, "Server: media/7.1"],
      sessionDescription(callee, call.answered, 9000 + call.number),
    ),
    message(`ACK ${lines.calleeContact.slice(1, -1)} SIP/2.0`, [
      lines.via(caller, 2),
      forwards,
      ...acknowledged,
    ]),
  ];
}

function endMessages(call, lines) {
  const byCaller = call.endedBy === "caller";
  const via = lines.via(byCaller ? call.caller : call.callee, 3);
  const dialog = byCaller
    ? lines.dialog(lines.caller, lines.calleeTagged, "2 BYE")
    : lines.dialog(lines.calleeTagged, lines.caller, "1 BYE");
  const target = byCaller ? lines.calleeContact : lines.callerContact;
  return [
    message(`BYE ${target.slice(1, -1)} SIP/2.0`, [via, "Max-Forwards: 70", ...dialog]),
    message("SIP/2.0 200 OK", [via, ...dialog]),
  ];
}

/**
 * The seven messages of a call that is answered and ended by one side: INVITE, 100, 180, 200, ACK,
 * BYE, 200.
 *
 * @param call `caller` and `callee` (where each takes media), `callId`, `fromTag`, `toTag`, `branch`,
 *   `number` (tells calls apart), `endedBy`, and the payload types `offered` and `answered`
 * @returns For each message whether the caller sent it, and its bytes.
 */
export function callMessages(call) {
  const lines = new Lines(call);
  const byCaller = call.endedBy === "caller";
  const fromCaller = [true, false, false, false, true, byCaller, !byCaller];
  const messages = [...setupMessages(call, lines), ...endMessages(call, lines)];
  return messages.map((bytes, i) => [fromCaller[i], bytes]);
}
