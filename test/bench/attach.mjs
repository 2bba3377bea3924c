/**
 * `node test/bench/attach.mjs`: what polling a connection costs beside werift's own getStats, in
 * processor time measured in turns on a real connection. Needs `npm run build`.
 *
 * `--json` prints the figures for a program. `--check` exits with 1 when a goal is missed by more than
 * 30 %.
 *
 * @module
 */
import { RTCPeerConnection } from "werift";

import { attachPeerConnection } from "../../dist/attach/peer-connection.js";
import { inTurns, tell } from "./in-turns.mjs";

const CONNECTIONS = 1000;
/** A full poll a minute, at one poll a second. */
const FULL_EVERY = 60;

function newPeer() {
  const pc = new RTCPeerConnection({
    iceServers: [],
    iceUseIpv6: false,
    iceInterfaceAddresses: { udp4: "127.0.0.1" },
    iceAdditionalHostAddresses: ["127.0.0.1"],
  });
  pc.addTransceiver("audio");
  return pc;
}

/** Without it werift asks a public STUN server. */
function keepLocal(pc) {
  for (const { iceTransport } of pc.dtlsTransports) delete iceTransport.connection.stunServer;
}

async function connect(a, b) {
  keepLocal(a);
  await a.setLocalDescription(await a.createOffer());
  await b.setRemoteDescription(a.localDescription);
  keepLocal(b);
  await b.setLocalDescription(await b.createAnswer());
  await a.setRemoteDescription(b.localDescription);
  while (a.connectionState !== "connected") await new Promise((done) => setTimeout(done, 10));
}

/** Each of many is awaited, as a probe does. */
function times(count, act) {
  return async () => {
    for (let i = 0; i < count; ++i) await act();
  };
}

const [a, b] = [newPeer(), newPeer()];
await connect(a, b);
let target;
attachPeerConnection(a, {
  sink: undefined,
  clock: () => performance.timeOrigin + performance.now(),
  wheel: {
    add: (added) => {
      target = added;
      return () => undefined;
    },
    after: () => () => undefined,
  },
  onEvent: () => undefined,
});

const POLLS = 1000;
const seconds = await inTurns({
  getStats: times(POLLS, () => a.getStats()),
  cheap: times(POLLS, async () => (await target.poll("cheap"))()),
  full: times(POLLS, async () => (await target.poll("full"))()),
});
const [getStats, cheap, full] = [seconds.getStats, seconds.cheap, seconds.full].map(
  (taken) => (taken / POLLS) * 1e6,
);
const meanPoll = ((FULL_EVERY - 1) * cheap + full) / FULL_EVERY;
const detail = `cheap ${cheap.toFixed(1)} µs, full ${full.toFixed(1)} µs, getStats ${getStats.toFixed(1)} µs`;

tell([
  { measure: "a cheap poll / werift's getStats", value: cheap / getStats, goal: 0.2, detail },
  {
    measure: `share of a core for ${CONNECTIONS} connections at 1 Hz, one poll in ${FULL_EVERY} full`,
    value: (CONNECTIONS * meanPoll) / 1e6,
    goal: 0.02,
    detail,
  },
]);
await Promise.all([a.close(), b.close()]);
process.exit();
