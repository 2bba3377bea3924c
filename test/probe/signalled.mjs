// Stands for a media server that is told to go: run by a test, from what was built.
import { createProbe } from "../../dist/index.js";

const listeners = new Set();
const userAgent = {
  userAgentCore: {
    dialogs: new Map([
      [
        "one",
        {
          callId: "one",
          localTag: "a",
          remoteTag: "b",
          early: false,
          initialTransaction: { kind: "ist" },
        },
      ],
    ]),
  },
  stateChange: {
    addListener: (one) => listeners.add(one),
    removeListener: (one) => listeners.delete(one),
  },
  configuration: {},
  transport: { send: () => Promise.resolve(), onMessage: () => undefined },
};
const probe = createProbe();
probe.on("end", ({ outcome }) => process.stdout.write(`ended ${outcome.via}\n`));
probe.attachUserAgent(userAgent);
probe.closeOnSignal("SIGTERM");
setInterval(() => undefined, 1000);
process.send("ready");
