/**
 * What verification of callers' identities costs: on its own, and beside a burst of calls.
 *
 *     npm run build && node test/bench/stir.mjs
 *
 * Prints verifications a second on one core, the share of a core at some call rates, and how the
 * queue fares when more identities come than it may hold.
 */

import { readFileSync } from "node:fs";

import { LocalCertificates } from "../../dist/stir/local-certificates.js";
import { TrustStore } from "../../dist/stir/trust-store.js";
import { VerificationQueue } from "../../dist/stir/verification-queue.js";
import { IdentityVerifier } from "../../dist/stir/verify.js";

const CASES = new URL("../stir/sixteen-cases.json", import.meta.url);
const { from, to, ca_pem, certs, cases } = JSON.parse(readFileSync(CASES, "utf8"));
const ROUNDS = 4000;
const BURST = 10_000;
const LIMIT = 1024;

const certificates = new LocalCertificates([
  { name: "sti.example.org/709J.pem", content: Buffer.from(certs.good) },
]);
const trust = new TrustStore({ anchors: [Buffer.from(ca_pem)] });
const verifier = new IdentityVerifier({ certificates, trust });

const say = (line) => process.stdout.write(`${line}\n`);

const factsOf = ({ identity, now }) => ({
  identities: identity === null ? [] : [identity],
  fromUri: from,
  toUri: to,
  assertedUris: [],
  receivedAtMs: now * 1000,
});

/** Processor milliseconds, of this process. */
function processorMs() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

function cost(facts) {
  for (let round = 0; round < ROUNDS / 4; round += 1) verifier.verify(facts);
  const before = processorMs();
  for (let round = 0; round < ROUNDS; round += 1) verifier.verify(facts);
  return (processorMs() - before) / ROUNDS;
}

for (const name of ["valid", "bad signature", "stale iat", "no Identity header"]) {
  const ms = cost(factsOf(cases.find((one) => one.name === name)));
  const rate = Math.round(1000 / ms);
  say(`${name}: ${(ms * 1000).toFixed(1)} µs, ${rate} a second on one core`);
  if (name !== "valid") continue;
  for (const calls of [10, 100, 1000]) {
    say(`  ${calls} calls a second: ${((ms * calls) / 10).toFixed(2)} % of a core`);
  }
}

/** The longest that anything else had to wait for its turn of the event loop. */
async function burst() {
  const facts = factsOf(cases.find(({ name }) => name === "valid"));
  const queue = new VerificationQueue({ verifier, schedule: setImmediate, maxWaiting: LIMIT });
  const told = new Map();
  let longestMs = 0;
  let last = performance.now();
  const watch = setInterval(() => {
    const now = performance.now();
    longestMs = Math.max(longestMs, now - last - 1);
    last = now;
  }, 1);
  const began = performance.now();
  let takenMs = 0;
  await new Promise((resolve) => {
    let settled = 0;
    const settle = ({ status, reason }) => {
      const what = reason ?? status;
      told.set(what, (told.get(what) ?? 0) + 1);
      settled += 1;
      if (settled === BURST) resolve();
    };
    const start = performance.now();
    for (let call = 0; call < BURST; call += 1) queue.check(facts, settle);
    takenMs = performance.now() - start;
  });
  const tookMs = performance.now() - began;
  clearInterval(watch);
  say(`a burst of ${BURST} identities, of which ${LIMIT} may wait:`);
  say(
    `  taken in ${((takenMs * 1000) / BURST).toFixed(2)} µs each, done in ${tookMs.toFixed(0)} ms`,
  );
  say(`  ${[...told].map(([what, count]) => `${what} ${count}`).join(", ")}`);
  say(`  longest wait of other work: ${longestMs.toFixed(1)} ms; refused ${queue.refused}`);
}

await burst();
