import { describe, expect, it } from "vitest";

import type { CertificateSource } from "../../src/stir/certificate-source.js";
import type { IdentityFacts } from "../../src/stir/identity-facts.js";
import { LocalCertificates } from "../../src/stir/local-certificates.js";
import { TrustStore } from "../../src/stir/trust-store.js";
import { VerificationQueue } from "../../src/stir/verification-queue.js";
import { IdentityVerifier } from "../../src/stir/verify.js";
import { issue, tnAuthList } from "./certificates.js";
import { identity, NOW, PLACE } from "./tokens.js";

const signer = issue({ name: "Provider", tnAuthList: tnAuthList({ spc: "1" }) });
const trust = new TrustStore({ anchors: [Buffer.from(signer.pem)] });
const atHand = new LocalCertificates([{ name: PLACE, content: Buffer.from(signer.pem) }]);

const FACTS: IdentityFacts = {
  identities: [identity({ key: signer.key, ppt: "shaken" })],
  fromUri: "tel:+12155550121",
  toUri: "tel:+12155550131",
  assertedUris: [],
  receivedAtMs: NOW * 1000,
};

/** Turns of an event loop that a test lets pass one by one. */
class Turns {
  readonly #work: (() => void)[] = [];
  readonly schedule = (work: () => void): void => {
    this.#work.push(work);
  };

  get length(): number {
    return this.#work.length;
  }

  pass(): void {
    this.#work.shift()?.();
  }
}

function queueOf(
  certificates: CertificateSource,
  maxWaiting?: number,
): { queue: VerificationQueue; turns: Turns; told: string[]; check: () => void } {
  const turns = new Turns();
  const verifier = new IdentityVerifier({ certificates, trust });
  const queue = new VerificationQueue({
    verifier,
    certificates,
    schedule: turns.schedule,
    maxWaiting,
  });
  const told: string[] = [];
  const check = (): void => {
    queue.check(FACTS, ({ status, reason }) => told.push(reason ?? status));
  };
  return { queue, turns, told, check };
}

/** Lets every promise that can settle do so. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe("the queue", () => {
  it("verifies nothing while a message is taken, and one a turn afterwards", () => {
    const { queue, turns, told, check } = queueOf(atHand);
    for (let call = 0; call < 3; call += 1) check();
    expect(told).toEqual([]);
    expect(queue.waiting).toBe(3);
    expect(turns.length).toBe(1);
    turns.pass();
    expect(told).toEqual(["verified"]);
    turns.pass();
    turns.pass();
    expect(told).toEqual(["verified", "verified", "verified"]);
    expect([queue.waiting, queue.settled, queue.refused, turns.length]).toEqual([0, 3, 0, 0]);
  });

  it("turns away what is beyond its limit, at once, and takes more when there is room", () => {
    const { queue, turns, told, check } = queueOf(atHand, 2);
    for (let call = 0; call < 5; call += 1) check();
    expect(told).toEqual(["queue-full", "queue-full", "queue-full"]);
    expect(queue.refused).toBe(3);
    turns.pass();
    check();
    expect(queue.refused).toBe(3);
    expect(queue.waiting).toBe(2);
  });

  it("waits for a certificate without holding up others, and counts those that wait", async () => {
    let arrive = (): void => undefined;
    let isThere = false;
    const { queue, turns, told, check } = queueOf(
      {
        find: (uri) => (isThere ? atHand.find(uri) : { kind: "missing", reason: "no-certificate" }),
        fetch: () => (isThere ? undefined : new Promise((resolve) => (arrive = resolve))),
      },
      2,
    );
    check();
    turns.pass();
    expect(queue.waiting).toBe(1);
    expect(turns.length).toBe(0);
    check();
    check();
    expect(told).toEqual(["queue-full"]);
    isThere = true;
    turns.pass();
    expect(told).toEqual(["queue-full", "verified"]);
    arrive();
    await settled();
    turns.pass();
    expect(told).toEqual(["queue-full", "verified", "verified"]);
    expect(queue.waiting).toBe(0);
  });

  it("asks once, and judges by what there is then", async () => {
    let asked = 0;
    const { turns, told, check } = queueOf({
      find: () => ({ kind: "missing", reason: "fetch-failed" }),
      fetch: () => {
        asked += 1;
        return Promise.resolve();
      },
    });
    check();
    turns.pass();
    await settled();
    turns.pass();
    expect(told).toEqual(["fetch-failed"]);
    expect(asked).toBe(1);
  });

  it.each([0, -1, 1.5, NaN])("refuses a limit of %s", (maxWaiting) => {
    expect(() => queueOf(atHand, maxWaiting)).toThrow(RangeError);
  });
});
