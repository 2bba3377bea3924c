/**
 * What `mediaprobe --help` prints.
 *
 * @module
 */

/** At most 80 columns wide; the README quotes it. */
export const HELP = `Usage: mediaprobe [OPTIONS] FILE...
       mediaprobe ladder [OPTIONS] FILE [CALL-ID]
       mediaprobe explain [OPTIONS] FILE [CALL-ID]
       mediaprobe assert [OPTIONS] FILE DEMAND...
       mediaprobe doctor [OPTIONS] [FILE]
       mediaprobe stir [OPTIONS] IDENTITY|FILE
       mediaprobe serve --hep [ADDRESS:]PORT [OPTIONS]
       mediaprobe live [OPTIONS] [URL]
       mediaprobe query [OPTIONS] STORE
       mediaprobe demo [--port N] [--for TIME]

Reads network captures and says of every call in them how it was set up, how it
sounded, and why; of RTP streams without a call too. A FILE is pcap or pcapng,
gzipped or not; - is standard input. Several are read side by side and reported
one after the other, in the order named. Ctrl-C ends a capture that is piped in;
what came until then is reported.

  mediaprobe call.pcap
  mediaprobe ladder call.pcap a84b4c76
  mediaprobe explain call.pcap a84b4c76
  mediaprobe assert call.pcap --mos '>=4.0' --loss '<1%' --answered
  mediaprobe --json call.pcap | jq '.calls[] | {callId, outcome, issues}'
  tcpdump -U -w - udp | mediaprobe -
  mediaprobe --payload 96=opus/48000 webrtc.pcapng
  mediaprobe --merge side-a.pcap side-b.pcap
  mediaprobe --records calls.sqlite call.pcap
  mediaprobe query calls.sqlite --mos-below 3.6

ladder draws one call: its messages, handshakes and streams between those who
took part. A CALL-ID may be cut to a beginning that no other call has; without
it, the only call is drawn, or all are listed. Of several calls with the same
Call-ID an answered one is drawn, else the one with most messages.

explain tells one call in a paragraph: what happened, what was heard, what took
it down, when, and where to look. --json prints the sentences, each with what of
the record it rests on.

assert holds every call to demands, says of each that is not met what was found,
and then ends with 5, so that a build fails on it. What is not known meets none.

doctor says what a FILE lets the probe see, subject by subject: "ok", "limited"
or "blind", why, and what to do. Without a FILE, what this machine and the
project in the current folder do. --json prints it as one document.

stir explains an Identity header (RFC 8224), or those of the SIP request in a
FILE: every step of its verification, and what came of it.

query lists the calls of a STORE, as --records makes one, to which all that is
asked for applies, the newest first: --call-id ID; --number N of either party,
or its last digits; --from and --to TIME; --mos-below MOS; --issue KIND;
--outcome 486, 4xx or timeout. At most --limit N (default 100); --json prints
one record a line.

demo places real calls on loopback, some over a bad network, and serves what a
probe says of them. On a terminal q ends it, else it ends after 30 s. --for 20s
sets a time; --port another port than 9464, and a busy one moves to a free one.

live follows a running probe through its server, by default that on port 9464 of
this machine: on a terminal as a table of its calls, worst first, until q; in a
pipe as a line for each step of a call; with --json as one record a line for
each call that ends. URL is as http://host:9464, or a port. When the server goes
away, it is tried again until it is back. --for 20s sets a time.

serve listens for what capture agents send to Homer (HEP3, over UDP and TCP),
until Ctrl-C or SIGTERM. At the end it prints the calls as a table; with --json
it prints each call as it ends.

serve and demo write a log instead of tables where --log-level or --log-format
asks for it, or MEDIAPROBE_LOG_LEVEL or MEDIAPROBE_LOG_FORMAT in the
environment, which go before the options. SIGHUP turns the level debug on, and
off again.

What is read
  --merge              Take the FILEs as one capture, their packets in order of
                       time, and make one report of them.
  --local CIDR         Network of the observed side, as in 10.0.0.0/8: tells
                       which party is local. Repeat it for more. Else the
                       callee's side is assumed to be.
  --payload PT=NAME/RATE[/CHANNELS]
                       What a payload type means where no SDP in the capture
                       says so: 96=opus/48000. Repeat it for more types.
  --streams N          Keep at most N streams (default 262144).

How it is measured
  --buffer MS          Delay of the simulated fixed jitter buffer, on which
                       "late" and MOS depend (default 60).
  --adaptive MIN-MAX   Delays between which the simulated adaptive buffer moves,
                       in ms (default 20-200).
  --interval SECONDS   Length of the intervals of the time series (default 5).

How identities are verified (STIR)
  --stir-certs DIR|FILE
                       Certificates of signers: a folder, as HOST/PATH below
                       it, or a bundle. Nothing is ever fetched.
  --stir-trust FILE    Certificates whose word is taken. Without any, no
                       signer is trusted.
  --stir-crl FILE      Revocation lists.
  --stir-max-age S     How old an Identity may be when its message comes
                       (default 60).
  --stir-country CODE  Country code of numbers that are written without one.
  --from, --to URI     For stir: who calls, who is called.
  --at TIME            For stir: when the message came. Else now.

Homer (HEP3)
  --hep-to URL         Send the calls to a collector as well: their SIP, their
                       RTCP and reports. As in udp://homer.example:9060; tcp://
                       and tls:// too.
  --hep-id N           The number of the sender (default 2001).
  --hep-key PASSWORD   The collector's password; for serve also what agents must
                       send.
  --hep [ADDRESS:]PORT For serve: where to listen.
  --port N             For serve: a page with the calls, /calls and /metrics on
                       that port of 127.0.0.1.
  --host ADDRESS       Of another address of this machine; others can then ask,
  --allow CIDR         and only those of this network may. Repeat it for more.

Running probes (live)
  --token-file FILE    The bearer token that the server wants. A password goes
                       into the URL: http://USER:PASSWORD@HOST:9464.

What assert demands; of several limits to a figure, each
  --mos '>=4.0'        Of each direction that was heard.
  --loss '<1%'         Of the worst audio stream; --jitter '<30ms' its mean.
  --rtt '<200ms'       The mean round-trip time of the call.
  --pdd '<3s'          From INVITE to ringing; --setup '<10s' to the answer.
  --length '>=10s'     From the answer to the end.
  --answered           Answered.
  --no-one-way         Audio went both ways.
  --no-issue KIND      No issue of that kind, as in dead-air, or "any".
  --dtls ok            What each DTLS handshake came to.
  --stir verified      What verification of the caller came to.
  --calls '>=1'        How many calls there are; by default at least one.
  --call-id CALL-ID    Look at the calls whose Call-ID is that, or begins so.
  --allow-unknown      What is not known meets demands.

What is printed
  --json               The report as JSON, with all that was measured: one
                       document, or one line for each of several FILEs.
  --html PAGE          Nothing but a line; the report goes into the file PAGE,
                       which any browser opens and which asks for nothing.
  --metrics            The metrics of all calls as Prometheus scrapes them.
  --all                All calls and streams. Else the worst 40 of each.
  --intervals          Each stream from interval to interval.
  --records FILE       Store each call in a FILE.sqlite or FILE.jsonl too, once
                       however often it is read.
  --privacy redact|hash
                       Mask numbers and names in what is printed, stored or
                       sent; hash: alike where they are alike, with a secret
                       key.
  --privacy-key-file FILE
                       That key, at least 16 bytes.
  --log-level debug|info|warn|error
                       For serve and demo: a log, of that level (default info)
  --log-format text|json
                       and in that format (default text), instead of tables.
  --width COLUMNS      Width of the table, at least 40. Else the terminal's, or
                       140.
  --no-color           No colours. NO_COLOR and FORCE_COLOR are heeded too.
  -h, --help           This text.
  -V, --version        The version.

Columns of calls: the badly heard first, then the unanswered, then the others
  at, outcome, kind    When it began; its final answer; sip or webrtc media.
                       "before capture": it began before, and how is unknown;
                       "answer not seen": answered, as what followed shows;
                       "cancelled (486)": the CANCEL crossed with this answer.
  length, PDD, setup   From answer to end; from INVITE to ringing, to answer
                       (RFC 6076).
  MOS →, MOS ←         Score of what the callee heard, of what the caller heard:
                       for conversation where an RTT is known, else listening.
  loss, jitter, RTT    Of the worst audio stream, "–" where no audio was seen;
                       of the call. RTT: "*" only reported by the far end, "†"
                       stated by the media stack.
  DTLS, STIR           The handshake's result; the attestation of the caller,
                       "?" if it is only claimed.
  issues               How many there are; each is told below.

Columns of streams, worst first
  →, ←                 Of a call's stream: from caller to callee, or back.
  length, packets      From first to last packet; packets received.
  lost, loss           Sequence numbers never seen, and their share.
  dup, reord           Packets that came twice; that came out of order.
  late                 Packets that came too late for the fixed buffer.
  jitter, max          Interarrival jitter (RFC 3550), mean and maximum.
  PDV95                95 % of the packets took at most this much longer than
                       the fastest (RFC 5481).
  RTT                  Mean round-trip time from RTCP; "*": only reported by
                       the far end.
  MOS LQ, CQ           Score from 1 to 4.5 by the E-model: for listening, and
                       for conversation, which counts delay and needs an RTT.
                       On the N(arrowband), W(ideband) or F(ullband) scale,
                       which cannot be compared with each other.

Reports go to standard output, errors and progress to standard error. Times of
day are UTC. A figure that is not known is "–" in the table and absent in JSON.

Exit codes
  0    All of it was read, whatever it says of the calls.
  1    Internal error, or not all could be written, stored or sent.
  2    The command line cannot be understood, or names a call that is not there.
  3    A FILE cannot be opened, or is not a capture; serve cannot listen; no
       probe's server is where live was to find one.
  4    A FILE is damaged or cut short; the report is about what came before.
  5    A demand of assert was not met, in what could be read.
  6    The native addon is missing.
  130  Interrupted.
The gravest decides: 1 before 6, 6 before 3, 3 before 5, 5 before 4.
`;
