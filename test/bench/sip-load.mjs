/**
 * A load of nothing but SIP: calls, registrations and scans, as messages and as a capture.
 *
 * @module
 */
import { writeFileSync } from "node:fs";

const CRLF = "\r\n";
const PCAP_MAGIC = 0xa1b2c3d4;
const ETHERNET = 1;

/** What a registrar sees, and what a border sees. */
const SCENARIOS = {
  registrations: [registration, registration, scan],
  calls: [call, registration, scan],
};

const lines = (...all) => all.join(CRLF);

function description(port) {
  return lines(
    "v=0",
    "o=- 3871 3871 IN IP4 192.0.2.10",
    "s=call",
    "c=IN IP4 192.0.2.10",
    "t=0 0",
    `m=audio ${port} RTP/AVP 8 0 101`,
    "a=rtpmap:8 PCMA/8000",
    "a=rtpmap:0 PCMU/8000",
    "a=rtpmap:101 telephone-event/8000",
    "a=fmtp:101 0-15",
    "a=ptime:20",
    "a=sendrecv",
    "",
  );
}

function message(start, { id, cseq, method, toTag, branch, extra = [], body = "" }) {
  return lines(
    start,
    `Via: SIP/2.0/UDP 192.0.2.10:5060;branch=z9hG4bK${branch};rport`,
    "Max-Forwards: 70",
    `From: "Agent ${id % 97}" <sip:${1000 + (id % 97)}@example.org>;tag=f${id}`,
    `To: <sip:+4930${id}@example.org>${toTag ? `;tag=${toTag}` : ""}`,
    `Call-ID: ${id}-7c1b9a@192.0.2.10`,
    `CSeq: ${cseq} ${method}`,
    "Contact: <sip:agent@192.0.2.10:5060;transport=udp>",
    "User-Agent: Example/4.2",
    "Allow: INVITE, ACK, CANCEL, OPTIONS, BYE, REFER, NOTIFY, UPDATE, PRACK",
    "Supported: replaces, timer, 100rel",
    ...extra,
    ...(body ? ["Content-Type: application/sdp"] : []),
    `Content-Length: ${body.length}`,
    "",
    body,
  );
}

const request = (method, about) =>
  message(`${method} sip:+4930${about.id}@example.org SIP/2.0`, { method, ...about });
const response = (status, method, about) => message(`SIP/2.0 ${status}`, { method, ...about });

function call(id) {
  const about = { id, cseq: 1, branch: `i${id}` };
  const answered = { ...about, toTag: `t${id}` };
  const bye = { ...answered, cseq: 2, branch: `b${id}` };
  return [
    [true, request("INVITE", { ...about, body: description(30_000 + (id % 10_000)) })],
    [false, response("100 Trying", "INVITE", about)],
    [false, response("180 Ringing", "INVITE", answered)],
    [false, response("200 OK", "INVITE", { ...answered, body: description(20_000) })],
    [true, request("ACK", { ...answered, branch: `a${id}` })],
    [true, request("BYE", { ...bye, extra: ['Reason: Q.850;cause=16;text="Normal"'] })],
    [false, response("200 OK", "BYE", bye)],
  ];
}

function registration(id) {
  const challenged = { id, cseq: 1, branch: `r${id}` };
  const repeated = { id, cseq: 2, branch: `s${id}` };
  const digest = `Digest username="${id}", realm="example.org", nonce="a1", response="0f", qop=auth`;
  return [
    [true, request("REGISTER", challenged)],
    [false, response("401 Unauthorized", "REGISTER", { ...challenged, toTag: `t${id}` })],
    [true, request("REGISTER", { ...repeated, extra: [`Authorization: ${digest}`] })],
    [false, response("200 OK", "REGISTER", { ...repeated, toTag: `t${id}` })],
  ];
}

function scan(id) {
  const about = { id, cseq: 1, branch: `o${id}` };
  return [
    [true, request("OPTIONS", about)],
    [false, response("404 Not Found", "OPTIONS", { ...about, toTag: `t${id}` })],
  ];
}

/**
 * Messages in the order in which they would be seen, with whether the client sent them.
 *
 * @param kind "registrations" or "calls"
 */
export function sipMessages(count, kind) {
  const scenarios = SCENARIOS[kind];
  const all = [];
  for (let id = 1; all.length < count; ++id) all.push(...scenarios[id % scenarios.length](id));
  return all.slice(0, count);
}

/** Writes them as a capture, a millisecond apart. */
export function writeSipCapture(path, messages) {
  const parts = [header()];
  for (const [index, [isFromClient, text]] of messages.entries()) {
    parts.push(frame(index, isFromClient, Buffer.from(text, "latin1")));
  }
  writeFileSync(path, Buffer.concat(parts));
}

function header() {
  const bytes = Buffer.alloc(24);
  bytes.writeUInt32LE(PCAP_MAGIC, 0);
  bytes.writeUInt16LE(2, 4);
  bytes.writeUInt16LE(4, 6);
  bytes.writeUInt32LE(65_535, 16);
  bytes.writeUInt32LE(ETHERNET, 20);
  return bytes;
}

function frame(index, isFromClient, payload) {
  const bytes = Buffer.alloc(16 + 42 + payload.length);
  const length = bytes.length - 16;
  bytes.writeUInt32LE(1_700_000_000 + Math.floor(index / 1000), 0);
  bytes.writeUInt32LE((index % 1000) * 1000, 4);
  bytes.writeUInt32LE(length, 8);
  bytes.writeUInt32LE(length, 12);
  bytes.writeUInt16BE(0x0800, 28);
  bytes[30] = 0x45;
  bytes.writeUInt16BE(length - 14, 32);
  bytes[38] = 64;
  bytes[39] = 17;
  const ends = ["c000020a", "c6336402"];
  bytes.write(isFromClient ? ends[0] : ends[1], 42, "hex");
  bytes.write(isFromClient ? ends[1] : ends[0], 46, "hex");
  bytes.writeUInt16BE(5060, 50);
  bytes.writeUInt16BE(5060, 52);
  bytes.writeUInt16BE(payload.length + 8, 54);
  payload.copy(bytes, 58);
  return bytes;
}
