/**
 * `node test/bench/attach.mjs`: what polling a connection costs beside werift's own getStats, in
 * processor time measured in turns on a real connection. Needs `npm run build`.
 *
 * `--json` prints the figures for a program. `--check` exits with 1 when a goal is missed by more than
 * 30 %.
 *
 * @module
 */
import { parseArgs } from "node:util";

import { RTCPeerConnection } from "werift";

import { attachPeerConnection } from "../../dist/attach/peer-connection.js";

const { values: flags } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});

const SLACK = 1.3;
const ROUNDS = 7;
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

async function microsecondsOf(act, times) {
  const before = process.cpuUsage();
  for (let i = 0; i < times; ++i) await act();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / times;
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
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

const tasks = {
  getStats: () => a.getStats(),
  cheap: async () => (await target.poll("cheap"))(),
  full: async () => (await target.poll("full"))(),
};
const taken = { getStats: [], cheap: [], full: [] };
for (let round = -1; round < ROUNDS; ++round) {
  for (const [name, act] of Object.entries(tasks)) {
    const microseconds = await microsecondsOf(act, 1000);
    if (round >= 0) taken[name].push(microseconds);
  }
}
const [getStats, cheap, full] = [taken.getStats, taken.cheap, taken.full].map(median);
const meanPoll = ((FULL_EVERY - 1) * cheap + full) / FULL_EVERY;
const detail = `cheap ${cheap.toFixed(1)} µs, full ${full.toFixed(1)} µs, getStats ${getStats.toFixed(1)} µs`;

const results = [
  { measure: "a cheap poll / werift's getStats", value: cheap / getStats, goal: 0.2 },
  {
    measure: `share of a core for ${CONNECTIONS} connections at 1 Hz, one poll in ${FULL_EVERY} full`,
    value: (CONNECTIONS * meanPoll) / 1e6,
    goal: 0.02,
  },
].map((result) => ({ ...result, detail, isWithinSlack: result.value <= result.goal * SLACK }));

if (flags.json) {
  process.stdout.write(`${JSON.stringify(results)}\n`);
} else {
  for (const { measure, value, goal, isWithinSlack } of results) {
    const mark = value <= goal ? "met" : isWithinSlack ? "near" : "missed";
    process.stdout.write(
      `${mark.padEnd(7)}${value.toFixed(4).padStart(8)}  (goal <= ${goal})  ${measure}: ${detail}\n`,
    );
  }
}
await Promise.all([a.close(), b.close()]);
process.exit(flags.check && results.some(({ isWithinSlack }) => !isWithinSlack) ? 1 : 0);
