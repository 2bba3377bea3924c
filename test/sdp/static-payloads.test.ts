import { describe, expect, it } from "vitest";

import { STATIC_PAYLOADS } from "../../src/rtp/static-payloads.js";

/** RFC 3551 §6, tables 4 and 5: type, name, media (A, V, AV), clock, channels. */
const TABLES = `
0 PCMU A 8000 1
3 GSM A 8000 1
4 G723 A 8000 1
5 DVI4 A 8000 1
6 DVI4 A 16000 1
7 LPC A 8000 1
8 PCMA A 8000 1
9 G722 A 8000 1
10 L16 A 44100 2
11 L16 A 44100 1
12 QCELP A 8000 1
13 CN A 8000 1
14 MPA A 90000
15 G728 A 8000 1
16 DVI4 A 11025 1
17 DVI4 A 22050 1
18 G729 A 8000 1
25 CelB V 90000
26 JPEG V 90000
28 nv V 90000
31 H261 V 90000
32 MPV V 90000
33 MP2T AV 90000
34 H263 V 90000
`;

describe("STATIC_PAYLOADS", () => {
  it("is tables 4 and 5 of RFC 3551 §6", () => {
    const rows = [...STATIC_PAYLOADS].map(
      ([payloadType, { name, clockRateHz, channels, kind }]) => {
        const media = name === "MP2T" ? "AV" : kind === "video" ? "V" : "A";
        return [
          payloadType,
          name,
          media,
          clockRateHz,
          ...(channels === undefined ? [] : [channels]),
        ];
      },
    );
    expect(rows.map((row) => row.join(" "))).toEqual(TABLES.trim().split("\n"));
  });

  it("holds CN apart from audio, because it is no speech", () => {
    expect(STATIC_PAYLOADS.get(13)?.kind).toBe("comfort-noise");
  });

  it.each([1, 2, 19, 20, 24, 27, 29, 30, 35, 71, 72, 76, 96, 127])(
    "has nothing for %d: reserved, unassigned or dynamic",
    (payloadType) => {
      expect(STATIC_PAYLOADS.has(payloadType)).toBe(false);
    },
  );
});
