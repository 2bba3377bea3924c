import { Inviter, SessionState, UserAgent, type Invitation } from "sip.js";
import { describe, expect, it } from "vitest";
import { attachSipJs } from "../../src/attach/sip-js.js";
import type { StackMessage } from "../../src/attach/sip-observer.js";
import { SipTap } from "../../src/attach/sip-tap.js";
import { parseSdp } from "../../src/sdp/session.js";
import type { SeenMessage } from "../../src/sip/call.js";
import { scanSipMessage } from "../../src/sip/message.js";
import { sdpBodies } from "../../src/sip/sdp-bodies.js";
import { SipTracker } from "../../src/sip/tracker.js";
import { eventText, Recorder, TestClock } from "./support/recorder.js";
import { UdpTransport } from "../../src/demo/udp-transport.js";
import { reaches, userAgent } from "./support/user-agents.js";

/** A tap that writes down what it is given. */
class Writer extends SipTap {
  readonly captured: StackMessage[] = [];
  stoppedAtMs = 0;

  override message(event: StackMessage): void {
    this.captured.push(event);
    super.message(event);
  }

  override stopped(event: { readonly atMs: number }): void {
    this.stoppedAtMs = event.atMs;
    super.stopped(event);
  }
}

/** A call over sockets of loopback, seen by a tap and by somebody who writes down what goes by. */
async function udpCall(answer: (invitation: Invitation) => void): Promise<{
  readonly recorder: Recorder;
  readonly writer: Writer;
  readonly ports: readonly [caller: number, callee: number];
}> {
  const ports: [number, number] = [0, 0];
  const clock = new TestClock();
  const agent = (name: string, at: 0 | 1, onInvite?: (invitation: Invitation) => void): UserAgent =>
    userAgent(name, {
      forceRport: true,
      transportConstructor: UdpTransport,
      transportOptions: { remotePort: () => ports[1 - at] },
      ...(onInvite === undefined ? {} : { onInvite }),
    });
  const caller = agent("alice", 0);
  const callee = agent("bob", 1, answer);
  for (const [at, end] of [caller, callee].entries()) {
    await end.start();
    const { port } = end.transport as unknown as UdpTransport;
    ports[at] = port;
    end.contact.uri.port = port;
  }
  const recorder = new Recorder();
  const writer = new Writer(recorder);
  attachSipJs(caller, writer, {
    nowMs: () => {
      clock.pass(7);
      return clock.nowMs();
    },
  });
  const target = UserAgent.makeURI("sip:bob@127.0.0.1");
  if (target === undefined) throw new Error("no URI");
  target.port = ports[1];
  const session = new Inviter(caller, target);
  await session.invite();
  await Promise.race([
    reaches(session, SessionState.Established),
    reaches(session, SessionState.Terminated),
  ]);
  if (session.state === SessionState.Established) await hangUp(session);
  await caller.stop();
  await callee.stop();
  return { recorder, writer, ports };
}

/** Sends a BYE and waits for its answer. */
function hangUp(session: Inviter): Promise<void> {
  return new Promise((resolve) => {
    void session.bye({
      requestDelegate: {
        onAccept: () => {
          resolve();
        },
      },
    });
  });
}

const accept = (invitation: Invitation): void => void invitation.accept();
const busy = (invitation: Invitation): void => void invitation.reject({ statusCode: 486 });

describe.each([
  { title: "answered", answer: accept, outcome: "200 response", byes: ["caller normal"] },
  { title: "refused", answer: busy, outcome: "486 response", byes: [] },
])("a call over UDP that is $title", ({ answer, outcome, byes }) => {
  it("is seen as it was, with the endpoints it really had", async () => {
    const { recorder, ports } = await udpCall(answer);
    expect(recorder.outcomes).toEqual([outcome]);
    expect(recorder.byes).toEqual(byes);
    const [local, remote] = ports.map((port) => ({ address: "127.0.0.1", port }));
    for (const { direction, source, destination, transport } of recorder.seen) {
      expect(transport).toBe("udp");
      expect(direction === "out" ? source : destination).toEqual(local);
      expect(direction === "out" ? destination : source).toEqual(remote);
    }
    const call = recorder.events.find((event) => event.kind === "outcome")?.call;
    expect(call?.hops).toHaveLength(1);
  });

  it("makes the same events as the same messages out of a file", async () => {
    const { recorder, writer, ports } = await udpCall(answer);
    const replayed: string[] = [];
    const tracker = new SipTracker({ onEvent: (event) => replayed.push(eventText(event)) });
    for (const one of writer.captured) tracker.observe(fromFile(one, ports));
    tracker.abandonAll(writer.stoppedAtMs);
    expect(recorder.texts).toEqual(replayed);
    expect(replayed.length).toBeGreaterThan(8);
  });
});

const at = (port: number): { address: string; port: number } => ({ address: "127.0.0.1", port });

/** A message as a reader of capture files would hand it to a tracker: bytes, addresses, time. */
function fromFile(
  { text, atMs, direction }: StackMessage,
  [local, remote]: readonly [number, number],
): SeenMessage {
  const message = scanSipMessage(Buffer.from(String(text)));
  if (typeof message === "string") throw new Error(message);
  const sessions = sdpBodies(message).map(parseSdp);
  return {
    message,
    atMs,
    source: at(direction === "out" ? local : remote),
    destination: at(direction === "out" ? remote : local),
    transport: "udp",
    direction,
    hasDescription: sessions.length > 0,
  };
}
