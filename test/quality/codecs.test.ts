import { describe, expect, it } from "vitest";

import type { CodecFormat } from "../../src/quality/codec-format.js";
import { createCodecTable } from "../../src/quality/codec-impairment.js";
import type { CodecImpairment } from "../../src/quality/codec-impairment.js";
import { CODECS, findCodec } from "../../src/quality/codecs.js";
import { G711_WITHOUT_PLC } from "../../src/quality/codecs-narrowband.js";
import { vectors } from "./vectors.js";

/** A format from `name/clock[/channels]` and its fmtp parameters. */
function format(rtpmap: string, parameters?: string): CodecFormat {
  const [name = "", clock = "", channels] = rtpmap.split("/");
  return {
    name,
    clockRateHz: Number(clock),
    ...(channels === undefined ? {} : { channels: Number(channels) }),
    ...(parameters === undefined ? {} : { parameters }),
  };
}

function withPayload(of: CodecFormat, bytes: number, packetMs = 20): CodecFormat {
  return { ...of, payload: { bytes, packetMs } };
}

const own: CodecImpairment = {
  name: "Speex as measured here",
  encodingName: "speex",
  clockRateHz: 16_000,
  scale: "wideband",
  ie: 20,
  bpl: 12,
  status: "provisional",
  source: "own listening test",
  frameMs: 20,
  packetMs: 20,
  lookAheadMs: 10,
  lookAheadSource: "Speex manual",
};

describe("findCodec", () => {
  it.each([
    // G.113 tables I.1 and I.4
    { of: "PCMU/8000", ie: 0, bpl: 25.1, status: "published", lookAheadMs: 0 },
    { of: "PCMA/8000/1", ie: 0, bpl: 25.1, status: "published", lookAheadMs: 0 },
    { of: "G729/8000", ie: 11, bpl: 19, status: "published", lookAheadMs: 5 },
    { of: "G723/8000", ie: 15, bpl: 16.1, status: "published", lookAheadMs: 7.5 },
    { of: "GSM-EFR/8000", ie: 5, bpl: 10, status: "published", lookAheadMs: 0 },
    // G.113 table I.1 alone
    { of: "G726-40/8000", ie: 2, bpl: 4.3, status: "provisional", lookAheadMs: 0 },
    { of: "G726-32/8000", ie: 7, bpl: 4.3, status: "provisional", lookAheadMs: 0 },
    { of: "AAL2-G726-24/8000", ie: 25, bpl: 4.3, status: "provisional", lookAheadMs: 0 },
    { of: "G726-16/8000", ie: 50, bpl: 4.3, status: "provisional", lookAheadMs: 0 },
    { of: "G728/8000", ie: 7, bpl: 4.3, status: "provisional", lookAheadMs: 0 },
    { of: "GSM/8000", ie: 20, bpl: 4.3, status: "provisional", lookAheadMs: 0 },
    { of: "GSM-HR-08/8000", ie: 23, bpl: 4.3, status: "provisional", lookAheadMs: 4.4 },
    { of: "iLBC/8000", ie: 11, bpl: 22, status: "unverified", lookAheadMs: 10 },
  ])("knows $of: Ie $ie, Bpl $bpl, $status", ({ of, ...expected }) => {
    expect(findCodec(format(of))).toMatchObject({ ...expected, scale: "narrowband" });
  });

  it.each([
    { of: format("G729/8000", "annexb=no"), ie: 10, status: "provisional" },
    { of: format("G729/8000", "annexb=yes"), ie: 11, status: "published" },
    { of: format("G723/8000", "bitrate=5.3"), ie: 19, status: "provisional" },
    { of: withPayload(format("G723/8000", "bitrate=6.3"), 20, 30), ie: 19, status: "provisional" },
    { of: withPayload(format("G723/8000"), 48, 60), ie: 15, status: "published" },
    { of: format("iLBC/8000", "mode=20"), ie: 11, status: "unverified", packetMs: 20 },
    { of: format("iLBC/8000", "mode=30"), ie: 11, status: "unverified", packetMs: 30 },
    { of: format("G722/8000"), ie: 13, status: "unverified" },
    { of: withPayload(format("G722/8000"), 151.3), ie: 13, status: "unverified" },
    { of: withPayload(format("G723/8000"), 23.1, 30), ie: 15, status: "published" },
    { of: format("G7221/16000", "bitrate=32000"), ie: 13, status: "unverified" },
    { of: format("G7221/16000", "bitrate=24000"), ie: 19, status: "unverified" },
  ])("heeds parameters and packet sizes: %o", ({ of, ...expected }) => {
    expect(findCodec(of)).toMatchObject(expected);
  });

  it.each(["pcmu/8000", "Pcma/8000", "g729/8000", "OPUS/48000/2", "ilbc/8000"])(
    "compares names without regard to case (RFC 4855 §3): %s",
    (of) => {
      expect(findCodec(format(of))).toBeDefined();
    },
  );

  it.each([
    format("speex/16000"),
    format("PCMU/16000"),
    format("G722/16000"),
    format("L16/44100/2"),
    format("PCMU/8000/2"),
    format("telephone-event/8000"),
    format("opus/8000"),
    format("AMR/16000"),
    format("G7221/16000"),
    format("G7221/32000", "bitrate=48000"),
    format("/0"),
    format("__proto__/8000"),
  ])("knows nothing of %o", (of) => {
    expect(findCodec(of)).toBeUndefined();
  });

  it("takes the caller's row for any mode of its format, and leaves other formats alone", () => {
    const table = createCodecTable([own, ...G711_WITHOUT_PLC]);
    expect(findCodec(format("SPEEX/16000", "mode=7"), { table })).toEqual(own);
    expect(findCodec(format("PCMU/8000"), { table })).toMatchObject({ ie: 0, bpl: 4.3 });
    expect(findCodec(format("G729/8000"), { table })).toMatchObject({ ie: 11, bpl: 19 });
    expect(findCodec(format("speex/8000"), { table })).toBeUndefined();
  });
});

describe("AMR", () => {
  it.each([
    { mode: 0, ie: 21.4 },
    { mode: 1, ie: 19.6 },
    { mode: 2, ie: 16.6 },
    { mode: 3, ie: 13.8 },
    { mode: 4, ie: 11.6 },
    { mode: 5, ie: 10 },
    { mode: 6, ie: 6 },
    { mode: 7, ie: 5 },
  ])("has Ie $ie in mode $mode, all provisional: G.113 has no row", ({ mode, ie }) => {
    const expected = { ie, bpl: 10, status: "provisional", scale: "narrowband", lookAheadMs: 5 };
    expect(findCodec(format("AMR/8000/1", `octet-align=1; mode-set=${mode}`))).toMatchObject(
      expected,
    );
  });

  // Sizes of RFC 4867 §4.3.5.1 (bandwidth-efficient) and §4.4.5.1 (octet-aligned).
  it.each([
    { bytes: 32, packetMs: 20, aligned: 0, ie: 5 },
    { bytes: 33, packetMs: 20, aligned: 1, ie: 5 },
    { bytes: 14, packetMs: 20, aligned: 0, ie: 21.4 },
    { bytes: 14, packetMs: 20, aligned: 1, ie: 21.4 },
    { bytes: 63, packetMs: 40, aligned: 0, ie: 5 },
    { bytes: 65, packetMs: 40, aligned: 1, ie: 5 },
    { bytes: 95, packetMs: 60, aligned: 0, ie: 5 },
    { bytes: 21, packetMs: 20, aligned: 1, ie: 11.6 },
  ])("knows the mode by the size of packets: %o", ({ bytes, packetMs, aligned, ie }) => {
    const of = format("AMR/8000", `octet-align=${aligned}`);
    expect(findCodec(withPayload(of, bytes, packetMs))).toMatchObject({ ie });
  });

  it.each([
    format("AMR/8000"),
    format("AMR/8000", "mode-set=0,2,5,7"),
    format("AMR/8000", "mode-set=9"),
    format("AMR/8000", "mode-set="),
    format("AMR/8000/2", "mode-set=7"),
    withPayload(format("AMR/8000", "mode-set=0,2"), 32),
    withPayload(format("AMR/8000"), 31.7),
    withPayload(format("AMR/8000"), 32, 13),
    withPayload(format("AMR/8000", "octet-align=1; crc=1"), 33),
    withPayload(format("AMR/8000", "octet-align=1; interleaving=4"), 33),
    withPayload(format("AMR/8000"), Number.NaN),
    withPayload(format("AMR/8000"), 32, 0),
  ])("is not rated when the mode is not known: %o", (of) => {
    expect(findCodec(of)).toBeUndefined();
  });
});

describe("AMR-WB", () => {
  const KBPS = [6.6, 8.85, 12.65, 14.25, 15.85, 18.25, 19.85, 23.05, 23.85];
  const BPL = new Map([
    [12.65, 4.3],
    [23.05, 4.6],
    [23.85, 4.9],
  ]);
  const published = vectors.emodel_wb.cases.filter(
    ({ context, Ppl }) => context !== undefined && Ppl === undefined,
  );

  it.each(published)("has Ie $Ie_wb at $kbps kbit/s, $context (G.113)", (vector) => {
    const { kbps = 0, context = "diotic", Ie_wb } = vector;
    const of = format("AMR-WB/16000", `mode-set=${KBPS.indexOf(kbps)}`);
    const codec = findCodec(of, { listening: context });
    expect(codec).toMatchObject({ ie: Ie_wb, scale: "wideband", status: "published" });
    expect(codec?.bpl).toBe(context === "diotic" ? BPL.get(kbps) : undefined);
  });

  it("is taken as listened to with both ears, the only way that loss can be rated", () => {
    expect(findCodec(format("AMR-WB/16000", "mode-set=2"))).toMatchObject({ ie: 20, bpl: 4.3 });
  });

  it.each([3, 5, 6])("has no diotic value in mode %d, and none is made up", (mode) => {
    expect(findCodec(format("AMR-WB/16000", `mode-set=${mode}`))).toBeUndefined();
  });

  it.each([
    { bytes: 33, aligned: 0, ie: 20 },
    { bytes: 34, aligned: 1, ie: 20 },
    { bytes: 61, aligned: 0, ie: 10 },
    { bytes: 60, aligned: 1, ie: 8 },
    { bytes: 62, aligned: 1, ie: 10 },
  ])("knows the mode by the size of packets: %o", ({ bytes, aligned, ie }) => {
    const of = format("AMR-WB/16000/1", `octet-align=${aligned}; mode-change-capability=2`);
    expect(findCodec(withPayload(of, bytes))).toMatchObject({ ie });
  });
});

describe("EVS", () => {
  // G.113 (09/2024) appendix V with erratum 1.
  it.each([
    { kbps: 9.6, bytes: 24, ie: 22.7, bpl: 13 },
    { kbps: 13.2, bytes: 33, ie: 17.1, bpl: 11.7 },
    { kbps: 16.4, bytes: 41, ie: 10.8, bpl: 10.3 },
    { kbps: 24.4, bytes: 61, ie: 7.2, bpl: 11.4 },
    { kbps: 32, bytes: 80, ie: 8.7, bpl: 9.3 },
    { kbps: 48, bytes: 120, ie: 10.2, bpl: 9.6 },
  ])("has Ie $ie, Bpl $bpl at $kbps kbit/s", ({ kbps, bytes, ie, bpl }) => {
    const expected = { ie, bpl, scale: "fullband", status: "published" };
    expect(findCodec(format("EVS/16000", `br=${kbps}; bw=swb`))).toMatchObject(expected);
    const ranged = format("EVS/16000/1", "br=5.9-128; bw=nb-swb");
    expect(findCodec(withPayload(ranged, bytes))).toMatchObject(expected);
  });

  it.each([
    format("EVS/16000"),
    format("EVS/16000", "br=9.6-24.4; bw=swb"),
    format("EVS/16000", "br=13.2; bw=nb-wb"),
    format("EVS/16000", "br=13.2; bw=fb"),
    format("EVS/16000", "br=13.2; bw=bogus"),
    format("EVS/16000", "br=13.2; evs-mode-switch=1"),
    format("EVS/16000", "br=64; bw=swb"),
    withPayload(format("EVS/16000"), 32),
    withPayload(format("EVS/16000"), 33, 40),
  ])("is not rated beyond what is published: %o", (of) => {
    expect(findCodec(of)).toBeUndefined();
  });
});

describe("Opus", () => {
  it("is Ie 10.7, Bpl 9.8 on the fullband scale unless its rate is known", () => {
    const opus = { ie: 10.7, bpl: 9.8, scale: "fullband", status: "provisional", lookAheadMs: 6.5 };
    expect(findCodec(format("opus/48000/2"))).toMatchObject(opus);
    expect(findCodec(format("opus/48000/2", "minptime=10;useinbandfec=1"))).toMatchObject(opus);
    expect(findCodec(format("opus/48000/2", "maxaveragebitrate=510000"))).toMatchObject(opus);
    expect(findCodec(withPayload(format("opus/48000/2"), 160))).toMatchObject(opus);
  });

  it.each([
    { parameters: "maxaveragebitrate=40000", ie: 10.7, scale: "fullband" },
    { parameters: "maxaveragebitrate=39999", ie: 12.1, scale: "fullband" },
    { parameters: "maxaveragebitrate=24000", ie: 20.2, scale: "fullband" },
    { parameters: "maxaveragebitrate=14000", ie: 38.1, scale: "fullband" },
    { parameters: "maxaveragebitrate=12000", ie: 23.3, scale: "wideband" },
    { parameters: "maxaveragebitrate=8000", ie: 16.0, scale: "narrowband" },
    { parameters: "maxaveragebitrate=500", ie: 23.0, scale: "narrowband" },
    { parameters: "maxaveragebitrate=32000; cbr=1", ie: 21.7, scale: "fullband" },
    { parameters: "cbr=1", ie: 15.9, scale: "fullband" },
    { parameters: "maxplaybackrate=8000", ie: 11.7, scale: "narrowband" },
    { parameters: "maxplaybackrate=8000; cbr=1", ie: 2.0, scale: "narrowband" },
    { parameters: "maxplaybackrate=16000; maxaveragebitrate=20000", ie: 20.0, scale: "wideband" },
    { parameters: "maxaveragebitrate=20000; sprop-stereo=1", ie: 10.7, scale: "fullband" },
    { parameters: "maxaveragebitrate=-1; maxplaybackrate=1e4", ie: 10.7, scale: "fullband" },
  ])("is rated by what was negotiated: $parameters", ({ parameters, ...expected }) => {
    expect(findCodec(format("opus/48000/2", parameters))).toMatchObject(expected);
  });

  it("is rated by its packets only where they all have the same size", () => {
    const constant = format("opus/48000/2", "maxaveragebitrate=30000; cbr=1");
    expect(findCodec(withPayload(constant, 55))).toMatchObject({ ie: 23.4, bpl: 10 });
    expect(findCodec(withPayload(constant, 100))).toMatchObject({ ie: 23.7 });
    const variable = format("opus/48000/2", "maxaveragebitrate=30000");
    expect(findCodec(withPayload(variable, 20))).toMatchObject({ ie: 18.5 });
    const silenced = format("opus/48000/2", "cbr=1; usedtx=1");
    expect(findCodec(withPayload(silenced, 20))).toMatchObject({ ie: 15.9 });
  });
});

describe("format parameters", () => {
  it.each([
    { parameters: "ANNEXB=NO", ie: 10 },
    { parameters: " annexb = no ", ie: 10 },
    { parameters: "x;;=;annexb=no;", ie: 10 },
    { parameters: "annexb=no;annexb=yes", ie: 10 },
    { parameters: "annexb", ie: 11 },
    { parameters: "annexb=", ie: 11 },
    { parameters: "notannexb=no", ie: 11 },
    { parameters: ";".repeat(100_000), ie: 11 },
  ])("are read as they are written in the wild", ({ parameters, ie }) => {
    expect(findCodec(format("G729/8000", parameters))).toMatchObject({ ie });
  });
});

describe("CODECS", () => {
  it("holds sound rows, each with its sources", () => {
    for (const row of CODECS) {
      expect(() => createCodecTable([row]), row.name).not.toThrow();
      expect(row.source, row.name).not.toBe("");
      expect(row.lookAheadSource, row.name).not.toBe("");
    }
  });

  it("names every row once, except where two formats share a codec", () => {
    const names = CODECS.map(({ name, encodingName }) => `${name} as ${encodingName}`);
    expect(new Set(names).size).toBe(names.length);
  });
});

describe("createCodecTable", () => {
  it.each([
    { ie: -1 },
    { ie: 95 },
    { ie: Number.NaN },
    { bpl: 0 },
    { bpl: Infinity },
    { frameMs: 0 },
    { packetMs: -20 },
    { lookAheadMs: -1 },
    { bplPacketMs: 0 },
    { clockRateHz: 0 },
    { encodingName: "" },
    { encodingName: "a b" },
    { scale: "super" as "wideband" },
    { status: "sure" as "published" },
  ])("rejects %o, naming it", (wrong) => {
    expect(() => createCodecTable([{ ...own, ...wrong }])).toThrow(RangeError);
    expect(() => createCodecTable([{ ...own, ...wrong }])).toThrow(Object.keys(wrong)[0]);
  });

  it("allows a higher Ie on the fullband scale, up to where loss would cost nothing", () => {
    expect(() => createCodecTable([{ ...own, scale: "fullband", ie: 131 }])).not.toThrow();
    expect(() => createCodecTable([{ ...own, scale: "fullband", ie: 132 }])).toThrow(RangeError);
  });

  it("rejects two rows for one format", () => {
    expect(() => createCodecTable([own, { ...own, encodingName: "SPEEX" }])).toThrow("SPEEX/16000");
  });
});
