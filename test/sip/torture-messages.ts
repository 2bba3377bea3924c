/**
 * The torture test messages of RFC 4475, rebuilt from the document's description of what each one
 * holds. Where the document's body length matters it is kept; `{length}` stands for the true one.
 *
 * @module
 */

/** What the scanner must say of a message. */
export interface TortureMessage {
  readonly name: string;
  /** Section of RFC 4475. */
  readonly section: string;
  readonly text: string;
  /** `METHOD request-uri` or `code reason`. */
  readonly start: string;
  readonly callId?: string;
  readonly cseq?: string;
  readonly fromTag?: string;
  readonly toTag?: string;
  /** `transport sent-by branch` of the topmost Via. */
  readonly via?: string;
  readonly damage?: readonly string[];
  readonly sdpBodies?: number;
}

/** A session description of two media, one with a damaged rtpmap. */
export const SDP: string = String.raw`v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.3
s=-
c=IN IP4 192.0.2.4
t=0 0
m=audio 49217 RTP/AVP 0 12
m=video 3227 RTP/AVP 31
a=rtpmap:31 LPC
`;

/** The lines with CRLF, and the length of the body, in bytes, for `{length}`. */
export function wire(lines: string, body = ""): string {
  const bodyText = body.replaceAll("\n", "\r\n");
  const head = lines.replace(/^\n/, "").replaceAll("\n", "\r\n");
  return `${head}\r\n${bodyText}`.replace("{length}", String(Buffer.byteLength(bodyText)));
}

/** §3.1.1: legal, if unusual. */
export const VALID_MESSAGES: readonly TortureMessage[] = [
  {
    name: "wsinv",
    section: "3.1.1.1",
    text: wire(
      String.raw`
INVITE sip:vivekg@chair-dnrc.example.com;unknownparam SIP/2.0
TO :
 sip:vivekg@chair-dnrc.example.com ;   tag    = 1918181833n
from   : "J Rosenberg \\\""       <sip:jdrosen@example.com>
  ;
  tag = 98asjd8
MaX-fOrWaRdS: 0068
Call-ID: wsinv.ndaksdj@192.0.2.1
Content-Length   : {length}
cseq: 0009
  INVITE
Via  : SIP  /   2.0
 /UDP
    192.0.2.2;branch=390skdjuw
s :
NewFangledHeader:   newfangled value
 continued newfangled value
UnknownHeaderWithUnusualValue: ;;,,;;,;
Content-Type: application/sdp
Route:
 <sip:services.example.com;lr;unknownwith=value;unknown-no-value>
v:  SIP  / 2.0  / TCP     spindle.example.com   ;
  branch  =   z9hG4bK9ikj8  ,
 SIP  /    2.0   / UDP  192.168.255.111   ; branch=
 z9hG4bK30239
m:"Quoted string \"\"" <sip:jdrosen@example.com> ; newparam =
      newvalue ;
  secondparam ; q = 0.33
`,
      SDP,
    ),
    start: "INVITE sip:vivekg@chair-dnrc.example.com;unknownparam",
    callId: "wsinv.ndaksdj@192.0.2.1",
    cseq: "9 INVITE",
    fromTag: "98asjd8",
    toTag: "1918181833n",
    via: "UDP 192.0.2.2 390skdjuw",
    sdpBodies: 1,
  },
  {
    name: "intmeth",
    section: "3.1.1.2",
    text: wire(String.raw`
!interesting-Method0123456789_*+${"`"}.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com SIP/2.0
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+${"`"}'~
To: "BEL:${"\\\x07"} NUL:${"\\\0"} DEL:${"\\\x7f"}" <sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*@example.com>
From: token1~${"`"} token2'+_ token3*%!.- <sip:mundane@example.com>;fromParam''~+*_!.-%="работающий";tag=_token~1'+${"`"}*%!-.
Call-ID: intmeth.word%ZK-!.*_+'@word${"`"}~)(><:\/"][?}{
CSeq: 139122385 !interesting-Method0123456789_*+${"`"}.%indeed'~
Max-Forwards: 255
extensionHeader-!.%*+_${"`"}'~:大停電
Content-Length: 0
`),
    start:
      "!interesting-Method0123456789_*+`.%indeed'~ sip:1_unusual.URI~(to-be!sure)&isn't+it$/crazy?,/;;*:&it+has=1,weird!*pas$wo~d_too.(doesn't-it)@example.com",
    callId: "intmeth.word%ZK-!.*_+'@word`~)(><:\\/\"][?}{",
    cseq: "139122385 !interesting-Method0123456789_*+`.%indeed'~",
    fromTag: "_token~1'+`*%!-.",
    via: "TCP host1.example.com z9hG4bK-.!%66*_+`'~",
  },
  {
    name: "esc01",
    section: "3.1.1.3",
    text: wire(
      String.raw`
INVITE sip:sips%3Auser%40example.com@example.net SIP/2.0
To: sip:%75se%72@example.com
From: <sip:I%20have%20spaces@example.net>;tag=938
Max-Forwards: 87
i: esc01.239409asdfakjkn23onasd0-3234
CSeq: 234234 INVITE
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bKkdjuw
C: application/sdp
Contact:
  <sip:cal%6Cer@host5.example.net;%6C%72;n%61me=v%61lue%25%34%31>
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE sip:sips%3Auser%40example.com@example.net",
    callId: "esc01.239409asdfakjkn23onasd0-3234",
    cseq: "234234 INVITE",
    fromTag: "938",
    via: "UDP host5.example.net z9hG4bKkdjuw",
    sdpBodies: 1,
  },
  {
    name: "escnull",
    section: "3.1.1.4",
    text: wire(String.raw`
REGISTER sip:example.com SIP/2.0
To: sip:null-%00-null@example.com
From: sip:null-%00-null@example.com;tag=839923423
Max-Forwards: 70
Call-ID: escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd
CSeq: 14398234 REGISTER
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bKkdjuw
Contact: <sip:%00@host5.example.com>
Contact: <sip:%00%00@host5.example.com>
L:0
`),
    start: "REGISTER sip:example.com",
    callId: "escnull.39203ndfvkjdasfkq3w4otrq0adsfdfnavd",
    cseq: "14398234 REGISTER",
    fromTag: "839923423",
    via: "UDP host5.example.com z9hG4bKkdjuw",
  },
  {
    name: "esc02",
    section: "3.1.1.5",
    text: wire(String.raw`
RE%47IST%45R sip:registrar.example.com SIP/2.0
To: "%Z%45" <sip:resource@example.com>
From: "%Z%45" <sip:resource@example.com>;tag=f232jadfj23
Call-ID: esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf
Via: SIP/2.0/TCP host.example.com;branch=z9hG4bK209%fzsnel234
CSeq: 29344 RE%47IST%45R
Max-Forwards: 70
Contact: <sip:alias1@host1.example.com>
C%6Fntact: <sip:alias2@host2.example.com>
Contact: <sip:alias3@host3.example.com>
l: 0
`),
    start: "RE%47IST%45R sip:registrar.example.com",
    callId: "esc02.asdfnqwo34rq23i34jrjasdcnl23nrlknsdf",
    cseq: "29344 RE%47IST%45R",
    fromTag: "f232jadfj23",
    via: "TCP host.example.com z9hG4bK209%fzsnel234",
  },
  {
    name: "lwsdisp",
    section: "3.1.1.6",
    text: wire(String.raw`
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: caller<sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID: lwsdisp.1234abcd@funky.example.com
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP funky.example.com;branch=z9hG4bKkdjuw
l: 0
`),
    start: "OPTIONS sip:user@example.com",
    callId: "lwsdisp.1234abcd@funky.example.com",
    cseq: "60 OPTIONS",
    fromTag: "323",
    via: "UDP funky.example.com z9hG4bKkdjuw",
  },
  {
    name: "longreq",
    section: "3.1.1.7",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
To: "I have a user name of ${"extreme ".repeat(32)}proportion"<sip:user@example.com:6000;unknownparam1=very${"long".repeat(20)}value;longparam${"name".repeat(25)}=shortvalue;very${"long".repeat(25)}ParameterNameWithNoValue>
F: sip:amazinglylongcallername${"caller".repeat(10)}@example.net;tag=12${"982".repeat(50)}424;unknownheaderparam${"name".repeat(20)}=unknownheaderparam${"value".repeat(15)};unknownValueless${"paramname".repeat(10)}
Call-ID: longreq.one${"really".repeat(20)}longcallid
CSeq: 3882340 INVITE
Unknown-${"Long".repeat(20)}-Name: unknown-${"long".repeat(20)}-value; unknown-${"long".repeat(20)}-parameter-name = unknown-${"long".repeat(20)}-parameter-value
Via: SIP/2.0/TCP sip33.example.com
v: SIP/2.0/TCP sip32.example.com
V: SIP/2.0/TCP sip31.example.com
${Array.from({ length: 27 }, (_, i) => `Via: SIP/2.0/TCP sip${30 - i}.example.com`).join("\n")}
v: SIP/2.0/TCP sip3.example.com
V: SIP/2.0/TCP sip2.example.com
Via: SIP/2.0/TCP host.example.com;received=192.0.2.5;branch=very${"long".repeat(40)}branchvalue
Max-Forwards: 70
Contact: <sip:amazinglylongcallername${"caller".repeat(10)}@host5.example.net>
Content-Type: application/sdp
l: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: `longreq.one${"really".repeat(20)}longcallid`,
    cseq: "3882340 INVITE",
    fromTag: `12${"982".repeat(50)}424`,
    via: "TCP sip33.example.com -",
    sdpBodies: 1,
  },
  {
    name: "dblreq",
    section: "3.1.1.8",
    text:
      wire(String.raw`
REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=43251j3j324
Max-Forwards: 8
I: dblreq.0ha0isndaksdj99sdfafnl3lk233412
Contact: sip:j.user@host.example.com
CSeq: 8 REGISTER
Via: SIP/2.0/UDP 192.0.2.125;branch=z9hG4bKkdjuw23492
Content-Length: 0
`) +
      wire(
        String.raw`
INVITE sip:joe@example.com SIP/2.0
t: sip:joe@example.com
From: sip:caller@example.net;tag=141334
Max-Forwards: 8
Call-ID: dblreq.0ha0isnda977644900765@192.0.2.15
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw380234
Content-Type: application/sdp
Content-Length: {length}
`,
        SDP,
      ),
    start: "REGISTER sip:example.com",
    callId: "dblreq.0ha0isndaksdj99sdfafnl3lk233412",
    cseq: "8 REGISTER",
    fromTag: "43251j3j324",
    via: "UDP 192.0.2.125 z9hG4bKkdjuw23492",
    damage: ["trailing-bytes"],
  },
  {
    name: "semiuri",
    section: "3.1.1.9",
    text: wire(String.raw`
OPTIONS sip:user;par=u%40example.net@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Call-ID: semiuri.0ha0isndaksdj
CSeq: 8 OPTIONS
Accept: application/sdp, application/pkcs7-mime,
        multipart/mixed, multipart/signed,
        message/sip, message/sipfrag
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKkdjuw
l: 0
`),
    start: "OPTIONS sip:user;par=u%40example.net@example.com",
    callId: "semiuri.0ha0isndaksdj",
    cseq: "8 OPTIONS",
    fromTag: "33242",
    via: "UDP 192.0.2.1 z9hG4bKkdjuw",
  },
  {
    name: "transports",
    section: "3.1.1.10",
    text: wire(String.raw`
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: <sip:caller@example.com>;tag=323
Max-Forwards: 70
Call-ID:  transports.kijh4akdnaqjkwendsasfdj
Accept: application/sdp
CSeq: 60 OPTIONS
Via: SIP/2.0/UDP t1.example.com;branch=z9hG4bKkdjuw
Via: SIP/2.0/SCTP t2.example.com;branch=z9hG4bKklasjdhf
Via: SIP/2.0/TLS t3.example.com;branch=z9hG4bK2980unddj
Via: SIP/2.0/UNKNOWN t4.example.com;branch=z9hG4bKasd0f3en
Via: SIP/2.0/TCP t5.example.com;branch=z9hG4bK0a9idfnee
l: 0
`),
    start: "OPTIONS sip:user@example.com",
    callId: "transports.kijh4akdnaqjkwendsasfdj",
    cseq: "60 OPTIONS",
    fromTag: "323",
    via: "UDP t1.example.com z9hG4bKkdjuw",
  },
  {
    name: "mpart01",
    section: "3.1.1.11",
    text: wire(
      String.raw`
MESSAGE sip:kumiko@example.org SIP/2.0
Via: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-;rport
Max-Forwards: 70
Route: <sip:127.0.0.1:5080>
Identity: r5mwreLuyDRYBi/0TiPwEsY3rEVsk/G2WxhgTV1PF7hHuLIK0YWVKZhKv9Mj8UeXqkMVbnVq37CD+813gvYjcBUaZngQmXc9WNZSDNGCzA+fWl9MEUHWIZo1CeJebdY/XlgKeTa0Olvq0rt70Q5jiSfbqMJmQFteeivUhkMWYUA=
Contact: <sip:fluffy@127.0.0.1:5070>
To: <sip:kumiko@example.org>
From: <sip:fluffy@example.com>;tag=2fb0dcc9
Call-ID: 3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..
CSeq: 1 MESSAGE
Content-Transfer-Encoding: binary
Content-Type: multipart/mixed;boundary=7a9cbec02ceef655
Date: Sat, 15 Oct 2005 04:44:56 GMT
User-Agent: SIPimp.org/0.2.5 (curses)
Content-Length: {length}
`,
      `--7a9cbec02ceef655
Content-Type: text/plain
Content-Transfer-Encoding: binary

Hello
--7a9cbec02ceef655
Content-Type: application/octet-stream
Content-Transfer-Encoding: binary

0\u0082\u0001R\u0006\t*\u0086H\u0086\u00f7\0\u0001\u0007\u0002 no SDP, but bytes that are no text
--7a9cbec02ceef655--`,
    ),
    start: "MESSAGE sip:kumiko@example.org",
    callId: "3d9485ad0c49859b@Zmx1ZmZ5LW1hYy0xNi5sb2NhbA..",
    cseq: "1 MESSAGE",
    fromTag: "2fb0dcc9",
    via: "UDP 127.0.0.1:5070 z9hG4bK-d87543-4dade06d0bdb11ee-1--d87543-",
  },
  {
    name: "unreason",
    section: "3.1.1.12",
    text: wire(
      String.raw`
SIP/2.0 200 = 2**3 * 5**2 но сто девяносто девять - простое
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Call-ID: unreason.1234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: {length}
Content-Type: application/sdp
Contact: <sip:user@host198.example.com>
`,
      SDP,
    ),
    start: "200 = 2**3 * 5**2 но сто девяносто девять - простое",
    callId: "unreason.1234ksdfak3j2erwedfsASdf",
    cseq: "35 INVITE",
    fromTag: "11141343",
    toTag: "2229",
    via: "UDP 192.0.2.198 z9hG4bK1324923",
    sdpBodies: 1,
  },
  {
    name: "noreason",
    section: "3.1.1.13",
    text: wire(`
SIP/2.0 100${" "}
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: noreason.asndj203insdf99223ndf
CSeq: 35 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>
`),
    start: "100 ",
    callId: "noreason.asndj203insdf99223ndf",
    cseq: "35 INVITE",
    fromTag: "39ansfi3",
    toTag: "902jndnke3",
    via: "UDP 192.0.2.105 z9hG4bK2398ndaoe",
  },
];
