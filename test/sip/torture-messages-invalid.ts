/**
 * The torture test messages of RFC 4475 §3.1.2 to §3.4: invalid ones, and those that are well
 * formed but ask more of a stack than it can do.
 *
 * @module
 */

import { SDP, wire, type TortureMessage } from "./torture-messages.js";

/** §3.1.2: not legal. */
export const INVALID_MESSAGES: readonly TortureMessage[] = [
  {
    name: "badinv01",
    section: "3.1.2.1",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=134161461246
Max-Forwards: 7
Call-ID: badinv01.0ha0isndaksdjasdf3234nas
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;;,;,,
Contact: "Joe" <sip:joe@example.org>;;;;
Content-Length: {length}
Content-Type: application/sdp
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "badinv01.0ha0isndaksdjasdf3234nas",
    cseq: "8 INVITE",
    fromTag: "134161461246",
    via: "UDP 192.0.2.15 -",
    sdpBodies: 1,
  },
  {
    name: "clerr",
    section: "3.1.2.2",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
Max-Forwards: 80
To: sip:j.user@example.com
From: sip:caller@example.net;tag=93942939o2
Contact: <sip:caller@hungry.example.net>
Call-ID: clerr.0ha0isndaksdjweiafasdk3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host5.example.com;branch=z9hG4bK-39234-23523
Content-Type: application/sdp
Content-Length: 9999
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "clerr.0ha0isndaksdjweiafasdk3",
    cseq: "8 INVITE",
    fromTag: "93942939o2",
    via: "UDP host5.example.com z9hG4bK-39234-23523",
    damage: ["truncated-body"],
    sdpBodies: 1,
  },
  {
    name: "ncl",
    section: "3.1.2.3",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
Max-Forwards: 254
To: sip:j.user@example.com
From: sip:caller@example.net;tag=32394234
Call-ID: ncl.0ha0isndaksdj2193423r542w35
CSeq: 0 INVITE
Via: SIP/2.0/UDP 192.0.2.53;branch=z9hG4bKkdjuw
Contact: <sip:caller@example53.example.net>
Content-Type: application/sdp
Content-Length: -999
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "ncl.0ha0isndaksdj2193423r542w35",
    cseq: "0 INVITE",
    fromTag: "32394234",
    via: "UDP 192.0.2.53 z9hG4bKkdjuw",
    damage: ["bad-content-length"],
    sdpBodies: 1,
  },
  {
    name: "scalar02",
    section: "3.1.2.4",
    text: wire(String.raw`
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bK342sdfoi3
To: <sip:user@example.com>
From: <sip:user@example.com>;tag=239232jh3
CSeq: 36893488147419103232 REGISTER
Call-ID: scalar02.23o0pd9vanlq3wnrlnewofjas9ui32
Max-Forwards: 300
Expires: 1${"0".repeat(100)}
Contact: <sip:user@host129.example.com>
  ;expires=280297596632815
Content-Length: 0
`),
    start: "REGISTER sip:example.com",
    callId: "scalar02.23o0pd9vanlq3wnrlnewofjas9ui32",
    fromTag: "239232jh3",
    via: "TCP host129.example.com z9hG4bK342sdfoi3",
    damage: ["bad-cseq"],
  },
  {
    name: "scalarlg",
    section: "3.1.2.5",
    text: wire(String.raw`
SIP/2.0 503 Service Unavailable
Via: SIP/2.0/TCP host129.example.com;branch=z9hG4bKzzxdiwo34sw;received=192.0.2.129
To: <sip:user@example.com>
From: <sip:other@example.net>;tag=2easdjfejw
CSeq: 9292394834772304023312 OPTIONS
Call-ID: scalarlg.noase0of0234hn2qofoaf0232aewf2394r
Retry-After: 949302838503028349304023988
Warning: 1812 overture "In Progress"
Content-Length: 0
`),
    start: "503 Service Unavailable",
    callId: "scalarlg.noase0of0234hn2qofoaf0232aewf2394r",
    fromTag: "2easdjfejw",
    via: "TCP host129.example.com z9hG4bKzzxdiwo34sw",
    damage: ["bad-cseq"],
  },
  {
    name: "quotbal",
    section: "3.1.2.6",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
To: "Mr. J. User <sip:j.user@example.com>
From: sip:caller@example.net;tag=93334
Max-Forwards: 10
Call-ID: quotbal.aksdj
Contact: <sip:caller@host59.example.net>
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.59:5050;branch=z9hG4bKkdjuw39234
Content-Type: application/sdp
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "quotbal.aksdj",
    cseq: "8 INVITE",
    fromTag: "93334",
    via: "UDP 192.0.2.59:5050 z9hG4bKkdjuw39234",
    damage: ["bad-address"],
    sdpBodies: 1,
  },
  {
    name: "ltgtruri",
    section: "3.1.2.7",
    text: wire(
      String.raw`
INVITE <sip:user@example.com> SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=39291
Max-Forwards: 23
Call-ID: ltgtruri.1@192.0.2.5
CSeq: 1 INVITE
Via: SIP/2.0/UDP 192.0.2.5
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE <sip:user@example.com>",
    callId: "ltgtruri.1@192.0.2.5",
    cseq: "1 INVITE",
    fromTag: "39291",
    via: "UDP 192.0.2.5 -",
    damage: ["malformed-request-uri"],
    sdpBodies: 1,
  },
  {
    name: "lwsruri",
    section: "3.1.2.8",
    text: wire(
      String.raw`
INVITE sip:user@example.com; lr SIP/2.0
To: sip:user@example.com;tag=3xfe-9921883-z9f
From: sip:caller@example.net;tag=231413434
Max-Forwards: 5
Call-ID: lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423
CSeq: 2130706432 INVITE
Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bKkdjuw2395
Contact: <sip:caller@host1.example.net>
Content-Type: application/sdp
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com; lr",
    callId: "lwsruri.asdfasdoeoi2323-asdfwrn23-asd834rk423",
    cseq: "2130706432 INVITE",
    fromTag: "231413434",
    toTag: "3xfe-9921883-z9f",
    via: "UDP 192.0.2.1:5060 z9hG4bKkdjuw2395",
    damage: ["malformed-request-uri"],
    sdpBodies: 1,
  },
  {
    name: "lwsstart",
    section: "3.1.2.9",
    text: wire(
      String.raw`
INVITE  sip:user@example.com  SIP/2.0
Max-Forwards: 8
To: sip:user@example.com
From: sip:caller@example.net;tag=8814
Call-ID: lwsstart.dfknq234oi243099adsdfnawe3@example.com
CSeq: 1893884 INVITE
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw3923
Contact: <sip:caller@host1.example.net>
Content-Type: application/sdp
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "lwsstart.dfknq234oi243099adsdfnawe3@example.com",
    cseq: "1893884 INVITE",
    fromTag: "8814",
    via: "UDP host1.example.com z9hG4bKkdjuw3923",
    damage: ["malformed-start-line"],
    sdpBodies: 1,
  },
  {
    name: "trws",
    section: "3.1.2.10",
    text: wire(`
OPTIONS sip:remote-target@example.com SIP/2.0${"  "}
Via: SIP/2.0/TCP host1.example.com;branch=z9hG4bK299342093
To: <sip:remote-target@example.com>
From: <sip:local-resource@example.com>;tag=329429089
Call-ID: trws.oicu34958239neffasdhr2345r
Accept: application/sdp
CSeq: 238923 OPTIONS
Max-Forwards: 70
Content-Length: 0
`),
    start: "OPTIONS sip:remote-target@example.com",
    callId: "trws.oicu34958239neffasdhr2345r",
    cseq: "238923 OPTIONS",
    fromTag: "329429089",
    via: "TCP host1.example.com z9hG4bK299342093",
    damage: ["malformed-start-line"],
  },
  {
    name: "escruri",
    section: "3.1.2.11",
    text: wire(
      String.raw`
INVITE sip:user@example.com?Route=%3Csip:example.com%3E SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=341518
Max-Forwards: 7
Contact: <sip:caller@host39923.example.net>
Call-ID: escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5
CSeq: 149209342 INVITE
Via: SIP/2.0/UDP host-of-the-hour.example.com;branch=z9hG4bKkdjuw
Content-Type: application/sdp
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com?Route=%3Csip:example.com%3E",
    callId: "escruri.23940-asdfhj-aje3br-234q098w-fawerh2q-h4n5",
    cseq: "149209342 INVITE",
    fromTag: "341518",
    via: "UDP host-of-the-hour.example.com z9hG4bKkdjuw",
    sdpBodies: 1,
  },
  {
    name: "baddate",
    section: "3.1.2.12",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=2234923
Max-Forwards: 70
Call-ID: baddate.239423mnsadf3j23lj42--sedfnm234
CSeq: 1392934 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
Date: Fri, 01 Jan 2010 16:00:00 EST
Contact: <sip:caller@host5.example.net>
Content-Type: application/sdp
Content-Length: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "baddate.239423mnsadf3j23lj42--sedfnm234",
    cseq: "1392934 INVITE",
    fromTag: "2234923",
    via: "UDP host.example.com z9hG4bKkdjuw",
    sdpBodies: 1,
  },
  {
    name: "regbadct",
    section: "3.1.2.13",
    text: wire(String.raw`
REGISTER sip:example.com SIP/2.0
To: sip:user@example.com
From: sip:user@example.com;tag=998332
Max-Forwards: 70
Call-ID: regbadct.k345asrl3fdbv@10.0.0.1
CSeq: 1 REGISTER
Via: SIP/2.0/UDP 135.180.130.133:5060;branch=z9hG4bKkdjuw
Contact: sip:user@example.com?Route=%3Csip:sip.example.com%3E
l: 0
`),
    start: "REGISTER sip:example.com",
    callId: "regbadct.k345asrl3fdbv@10.0.0.1",
    cseq: "1 REGISTER",
    fromTag: "998332",
    via: "UDP 135.180.130.133:5060 z9hG4bKkdjuw",
  },
  {
    name: "badaspec",
    section: "3.1.2.14",
    text: wire(String.raw`
OPTIONS sip:user@example.org SIP/2.0
Via: SIP/2.0/UDP host4.example.com:5060;branch=z9hG4bKkdju43234
Max-Forwards: 70
From: "Bell, Alexander" <sip:a.g.bell@example.com>;tag=433423
To: "Watson, Thomas" < sip:t.watson@example.org >
Call-ID: badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3
Accept: application/sdp
CSeq: 3923239 OPTIONS
l: 0
`),
    start: "OPTIONS sip:user@example.org",
    callId: "badaspec.sdf0234n2nds0a099u23h3hnnw009cdkne3",
    cseq: "3923239 OPTIONS",
    fromTag: "433423",
    via: "UDP host4.example.com:5060 z9hG4bKkdju43234",
  },
  {
    name: "baddn",
    section: "3.1.2.15",
    text: wire(String.raw`
OPTIONS sip:t.watson@example.org SIP/2.0
Via:     SIP/2.0/UDP c.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards:      70
From:    Bell, Alexander <sip:a.g.bell@example.com>;tag=43
To:      Watson, Thomas <sip:t.watson@example.org>
Call-ID: baddn.31415@c.example.com
Accept: application/sdp
CSeq:    3923239 OPTIONS
l: 0
`),
    start: "OPTIONS sip:t.watson@example.org",
    callId: "baddn.31415@c.example.com",
    cseq: "3923239 OPTIONS",
    fromTag: "43",
    via: "UDP c.example.com:5060 z9hG4bKkdjuw",
  },
  {
    name: "badvers",
    section: "3.1.2.16",
    text: wire(String.raw`
OPTIONS sip:t.watson@example.org SIP/7.0
Via:     SIP/7.0/UDP c.example.com;branch=z9hG4bKkdjuw
Max-Forwards:     70
From:    A. Bell <sip:a.g.bell@example.com>;tag=qweoiqpe
To:      T. Watson <sip:t.watson@example.org>
Call-ID: badvers.31417@c.example.com
CSeq:    1 OPTIONS
l: 0
`),
    start: "OPTIONS sip:t.watson@example.org",
    callId: "badvers.31417@c.example.com",
    cseq: "1 OPTIONS",
    fromTag: "qweoiqpe",
    via: "UDP c.example.com z9hG4bKkdjuw",
    damage: ["unknown-version"],
  },
  {
    name: "mismatch01",
    section: "3.1.2.17",
    text: wire(String.raw`
OPTIONS sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch01.dj0234sxdfl3
CSeq: 8 INVITE
Via: SIP/2.0/UDP host.example.com;branch=z9hG4bKkdjuw
l: 0
`),
    start: "OPTIONS sip:user@example.com",
    callId: "mismatch01.dj0234sxdfl3",
    cseq: "8 INVITE",
    fromTag: "34525",
    via: "UDP host.example.com z9hG4bKkdjuw",
    damage: ["cseq-mismatch"],
  },
  {
    name: "mismatch02",
    section: "3.1.2.18",
    text: wire(
      String.raw`
NEWMETHOD sip:user@example.com SIP/2.0
To: sip:j.user@example.com
From: sip:caller@example.net;tag=34525
Max-Forwards: 6
Call-ID: mismatch02.dj0234sxdfl3
CSeq: 8 INVITE
Contact: <sip:caller@host.example.net>
Via: SIP/2.0/UDP host.example.net;branch=z9hG4bKkdjuw
Content-Type: application/sdp
l: {length}
`,
      SDP,
    ),
    start: "NEWMETHOD sip:user@example.com",
    callId: "mismatch02.dj0234sxdfl3",
    cseq: "8 INVITE",
    fromTag: "34525",
    via: "UDP host.example.net z9hG4bKkdjuw",
    damage: ["cseq-mismatch"],
    sdpBodies: 1,
  },
];

/** §3.1.2.19: a status code of ten digits, the one message that is refused. */
export const BIG_STATUS_CODE: string = wire(String.raw`
SIP/2.0 4294967301 better not break the receiver
Via: SIP/2.0/UDP 192.0.2.105;branch=z9hG4bK2398ndaoe
Call-ID: bigcode.asdof3uj203asdnf3429uasdhfas3ehjasdfas9i
CSeq: 353494 INVITE
From: <sip:user@example.com>;tag=39ansfi3
To: <sip:user@example.edu>;tag=902jndnke3
Content-Length: 0
Contact: <sip:user@host105.example.com>
`);

/** §3.2 and §3.3, those of their messages that try the scanner, and §3.4. */
export const LAYER_MESSAGES: readonly TortureMessage[] = [
  {
    name: "badbranch",
    section: "3.2.1",
    text: wire(String.raw`
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.org;tag=33242
Max-Forwards: 3
Via: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK
Accept: application/sdp
Call-ID: badbranch.sadonfo23i420jv0as0derf3j3n
CSeq: 8 OPTIONS
l: 0
`),
    start: "OPTIONS sip:user@example.com",
    callId: "badbranch.sadonfo23i420jv0as0derf3j3n",
    cseq: "8 OPTIONS",
    fromTag: "33242",
    via: "UDP 192.0.2.1 z9hG4bK",
  },
  {
    name: "insuf",
    section: "3.3.1",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
CSeq: 193942 INVITE
Via: SIP/2.0/UDP 192.0.2.95;branch=z9hG4bKkdj.insuf
Content-Type: application/sdp
l: {length}
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    cseq: "193942 INVITE",
    via: "UDP 192.0.2.95 z9hG4bKkdj.insuf",
    damage: ["missing-header"],
    sdpBodies: 1,
  },
  ...["nobodyKnowsThisScheme:totallyopaquecontent", "soap.beep://192.0.2.103:3002"].map(
    (requestUri, i) => ({
      name: ["unkscm", "novelsc"][i] ?? "",
      section: `3.3.${i + 2}`,
      text: wire(String.raw`
OPTIONS ${requestUri} SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=384
Max-Forwards: 3
Call-ID: unkscm.nasdfasser0q239nwsdfasdkl34
CSeq: 3923423 OPTIONS
Via: SIP/2.0/TCP host9.example.com;branch=z9hG4bKkdjuw39234
Content-Length: 0
`),
      start: `OPTIONS ${requestUri}`,
      callId: "unkscm.nasdfasser0q239nwsdfasdkl34",
      cseq: "3923423 OPTIONS",
      fromTag: "384",
      via: "TCP host9.example.com z9hG4bKkdjuw39234",
    }),
  ),
  {
    name: "unksm2",
    section: "3.3.4",
    text: wire(String.raw`
REGISTER sip:example.com SIP/2.0
To: isbn:2983792873
From: <http://www.example.com>;tag=3234233
Call-ID: unksm2.daksdj@hyphenated-host.example.com
CSeq: 234902 REGISTER
Max-Forwards: 70
Via: SIP/2.0/UDP 192.0.2.21:5060;branch=z9hG4bKkdjuw
Contact: <name:John_Smith>
l: 0
`),
    start: "REGISTER sip:example.com",
    callId: "unksm2.daksdj@hyphenated-host.example.com",
    cseq: "234902 REGISTER",
    fromTag: "3234233",
    via: "UDP 192.0.2.21:5060 z9hG4bKkdjuw",
  },
  {
    name: "bext01",
    section: "3.3.5",
    text: wire(String.raw`
OPTIONS sip:user@example.com SIP/2.0
To: sip:j_user@example.com
From: sip:caller@example.net;tag=242etr
Max-Forwards: 6
Call-ID: bext01.0ha0isndaksdj
Require: nothingSupportsThis, nothingSupportsThisEither
Proxy-Require: noProxiesSupportThis, norDoAnyProxiesSupportThis
CSeq: 8 OPTIONS
Via: SIP/2.0/TLS fold-and-staple.example.com;branch=z9hG4bKkdjuw
Content-Length: 0
`),
    start: "OPTIONS sip:user@example.com",
    callId: "bext01.0ha0isndaksdj",
    cseq: "8 OPTIONS",
    fromTag: "242etr",
    via: "TLS fold-and-staple.example.com z9hG4bKkdjuw",
  },
  {
    name: "invut",
    section: "3.3.6",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
Contact: <sip:caller@host5.example.net>
To: sip:j.user@example.com
From: sip:caller@example.net;tag=8392034
Max-Forwards: 70
Call-ID: invut.0ha0isndaksdjadsfij34n23d
CSeq: 235448 INVITE
Via: SIP/2.0/UDP somehost.example.com;branch=z9hG4bKkdjuw
Content-Type: application/unknownformat
Content-Length: {length}
`,
      `<audio>
 <pcmu port="443"/>
</audio>
`,
    ),
    start: "INVITE sip:user@example.com",
    callId: "invut.0ha0isndaksdjadsfij34n23d",
    cseq: "235448 INVITE",
    fromTag: "8392034",
    via: "UDP somehost.example.com z9hG4bKkdjuw",
  },
  {
    name: "regaut01",
    section: "3.3.7",
    text: wire(String.raw`
REGISTER sip:example.com SIP/2.0
To: sip:j.user@example.com
From: sip:j.user@example.com;tag=87321hj23128
Max-Forwards: 8
Call-ID: regaut01.0ha0isndaksdj
CSeq: 9338 REGISTER
Via: SIP/2.0/TCP 192.0.2.253;branch=z9hG4bKkdjuw
Authorization: NoOneKnowsThisScheme opaque-data=here
Content-Length:0
`),
    start: "REGISTER sip:example.com",
    callId: "regaut01.0ha0isndaksdj",
    cseq: "9338 REGISTER",
    fromTag: "87321hj23128",
    via: "TCP 192.0.2.253 z9hG4bKkdjuw",
  },
  {
    name: "multi01",
    section: "3.3.8",
    text: wire(
      String.raw`
INVITE sip:user@company.com SIP/2.0
Contact: <sip:caller@host25.example.net>
Via: SIP/2.0/UDP 192.0.2.25;branch=z9hG4bKkdjuw
Max-Forwards: 70
CSeq: 5 INVITE
Call-ID: multi01.98asdh@192.0.2.1
CSeq: 59 INVITE
Call-ID: multi01.98asdh@192.0.2.2
From: sip:caller@example.com;tag=3413415
To: sip:user@example.com
To: sip:other@example.net
From: sip:caller@example.net;tag=2923420123
Content-Type: application/sdp
l: {length}
Contact: <sip:caller@host36.example.net>
Max-Forwards: 5
`,
      SDP,
    ),
    start: "INVITE sip:user@company.com",
    callId: "multi01.98asdh@192.0.2.1",
    cseq: "5 INVITE",
    fromTag: "3413415",
    via: "UDP 192.0.2.25 z9hG4bKkdjuw",
    damage: ["repeated-header"],
    sdpBodies: 1,
  },
  {
    name: "mcl01",
    section: "3.3.9",
    text: wire(
      String.raw`
OPTIONS sip:user@example.com SIP/2.0
Via: SIP/2.0/UDP host5.example.net;branch=z9hG4bK293423
To: sip:user@example.com
From: sip:other@example.net;tag=3923942
Call-ID: mcl01.fhn2323orihawfdoa3o4r52o3irsdf
CSeq: 15932 OPTIONS
Content-Length: 13
Max-Forwards: 60
Content-Length: 5
Content-Type: text/plain
`,
      "There's no way to know how many octets are supposed to be here.\n",
    ),
    start: "OPTIONS sip:user@example.com",
    callId: "mcl01.fhn2323orihawfdoa3o4r52o3irsdf",
    cseq: "15932 OPTIONS",
    fromTag: "3923942",
    via: "UDP host5.example.net z9hG4bK293423",
    damage: ["bad-content-length", "repeated-header"],
  },
  {
    name: "bcast",
    section: "3.3.10",
    text: wire(
      String.raw`
SIP/2.0 200 OK
Via: SIP/2.0/UDP 192.0.2.198;branch=z9hG4bK1324923
Via: SIP/2.0/UDP 255.255.255.255;branch=z9hG4bK1saber23
Call-ID: bcast.0384840201234ksdfak3j2erwedfsASdf
CSeq: 35 INVITE
From: sip:user@example.com;tag=11141343
To: sip:user@example.edu;tag=2229
Content-Length: {length}
Content-Type: application/sdp
Contact: <sip:user@host28.example.com>
`,
      SDP,
    ),
    start: "200 OK",
    callId: "bcast.0384840201234ksdfak3j2erwedfsASdf",
    cseq: "35 INVITE",
    fromTag: "11141343",
    toTag: "2229",
    via: "UDP 192.0.2.198 z9hG4bK1324923",
    sdpBodies: 1,
  },
  {
    name: "zeromf",
    section: "3.3.11",
    text: wire(String.raw`
OPTIONS sip:user@example.com SIP/2.0
To: sip:user@example.com
From: sip:caller@example.net;tag=3ghsd41
Call-ID: zeromf.jfasdlfnm2o2l43r5u0asdfas
CSeq: 39234321 OPTIONS
Via: SIP/2.0/UDP host1.example.com;branch=z9hG4bKkdjuw2349i
Max-Forwards: 0
Content-Length: 0
`),
    start: "OPTIONS sip:user@example.com",
    callId: "zeromf.jfasdlfnm2o2l43r5u0asdfas",
    cseq: "39234321 OPTIONS",
    fromTag: "3ghsd41",
    via: "UDP host1.example.com z9hG4bKkdjuw2349i",
  },
  ...[
    ["cparam01", "sip:watson@example.com;unknownparam"],
    ["cparam02", "<sip:watson@example.com;unknownparam>"],
    ["regescrt", "<sip:user@example.com?Route=%3Csip:sip.example.com%3E>"],
  ].map(([name = "", contact = ""], i) => ({
    name,
    section: `3.3.${i + 12}`,
    text: wire(String.raw`
REGISTER sip:example.com SIP/2.0
Via: SIP/2.0/UDP saturn.example.com:5060;branch=z9hG4bKkdjuw
Max-Forwards: 70
From: sip:watson@example.com;tag=DkfVgjkrtMwaerKKpe
To: sip:watson@example.com
Call-ID: ${name}.70710@saturn.example.com
CSeq: 2 REGISTER
Contact: ${contact}
l: 0
`),
    start: "REGISTER sip:example.com",
    callId: `${name}.70710@saturn.example.com`,
    cseq: "2 REGISTER",
    fromTag: "DkfVgjkrtMwaerKKpe",
    via: "UDP saturn.example.com:5060 z9hG4bKkdjuw",
  })),
  {
    name: "sdp01",
    section: "3.3.15",
    text: wire(
      String.raw`
INVITE sip:user@example.com SIP/2.0
To: sip:j_user@example.com
Contact: <sip:caller@host15.example.net>
From: sip:caller@example.net;tag=234
Max-Forwards: 5
Call-ID: sdp01.ndaksdj9342dasdd
Accept: text/nobodyKnowsThis
CSeq: 8 INVITE
Via: SIP/2.0/UDP 192.0.2.15;branch=z9hG4bKkdjuw23492
Content-Length: {length}
Content-Type: application/sdp
`,
      SDP,
    ),
    start: "INVITE sip:user@example.com",
    callId: "sdp01.ndaksdj9342dasdd",
    cseq: "8 INVITE",
    fromTag: "234",
    via: "UDP 192.0.2.15 z9hG4bKkdjuw23492",
    sdpBodies: 1,
  },
  {
    name: "inv2543",
    section: "3.4.1",
    text: wire(
      String.raw`
INVITE sip:UserB@example.com SIP/2.0
Via: SIP/2.0/UDP iftgw.example.com
From: <sip:+13035551111@ift.client.example.net;user=phone>
Record-Route: <sip:UserB@example.com;maddr=ss1.example.com>
To: sip:+16505552222@ss1.example.net;user=phone
Call-ID: inv2543.1717@ift.client.example.com
CSeq: 56 INVITE
Content-Type: application/sdp
`,
      `v=0
o=mhandley 29739 7272939 IN IP4 192.0.2.5
s=-
c=IN IP4 192.0.2.5
t=0 0
m=audio 49217 RTP/AVP 0
`,
    ),
    start: "INVITE sip:UserB@example.com",
    callId: "inv2543.1717@ift.client.example.com",
    cseq: "56 INVITE",
    via: "UDP iftgw.example.com -",
    damage: ["missing-header"],
    sdpBodies: 1,
  },
];
