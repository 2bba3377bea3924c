import { describe, expect, it } from "vitest";

import { payloadMap } from "../../src/cli/payload-option.js";
import { UsageError } from "../../src/cli/usage-error.js";

describe("--payload", () => {
  it.each([
    {
      written: "96=opus/48000",
      type: 96,
      format: { name: "opus", clockRateHz: 48_000, kind: "audio" },
    },
    {
      written: "111=OPUS/48000/2",
      type: 111,
      format: { name: "opus", clockRateHz: 48_000, channels: 2, kind: "audio" },
    },
    {
      written: "97=H264/90000",
      type: 97,
      format: { name: "H264", clockRateHz: 90_000, kind: "video" },
    },
    {
      written: "98=new/90000",
      type: 98,
      format: { name: "new", clockRateHz: 90_000, kind: "video" },
    },
    {
      written: "14=mpa/90000",
      type: 14,
      format: { name: "MPA", clockRateHz: 90_000, kind: "audio" },
    },
    {
      written: "101=telephone-event/8000",
      type: 101,
      format: { name: "telephone-event", clockRateHz: 8000, kind: "telephone-event" },
    },
    {
      written: "0=x-own/16000",
      type: 0,
      format: { name: "x-own", clockRateHz: 16_000, kind: "audio" },
    },
  ])("takes $written", ({ written, type, format }) => {
    expect([...payloadMap([written])]).toEqual([[type, format]]);
  });

  it.each([
    { written: "opus/48000", why: "it must be PT=NAME/RATE" },
    { written: "96=opus/48000/2/x", why: "it must be PT=NAME/RATE" },
    { written: "96=/48000", why: "there is no codec name in it" },
    { written: "96=op us/48000", why: "there is no codec name in it" },
    { written: "128=opus/48000", why: "the payload type must be from 0 to 127" },
    { written: "-1=opus/48000", why: "the payload type must be from 0 to 127" },
    { written: "=opus/48000", why: "the payload type must be from 0 to 127" },
    { written: "96=opus", why: "the clock rate is missing or not a number; opus has 48000" },
    { written: "96=L16", why: "the clock rate must be from 1 to 192000 Hz, as in 96=L16/8000" },
    { written: "96=L16/0", why: "the clock rate must be from 1 to 192000 Hz" },
    { written: "96=L16/8k", why: "the clock rate must be from 1 to 192000 Hz" },
    { written: "96=opus/16000", why: "the RTP clock of opus is 48000 Hz: say 96=opus/48000" },
    { written: "9=G722/16000", why: "the RTP clock of G722 is 8000 Hz: say 9=G722/8000" },
    { written: "96=L16/8000/0", why: "the channels must be from 1 to 255" },
  ])("refuses $written and says why", ({ written, why }) => {
    expect(() => payloadMap([written])).toThrow(UsageError);
    expect(() => payloadMap([written])).toThrow(`--payload ${written}: ${why}`);
  });

  it("refuses to be told twice what a type is", () => {
    expect(() => payloadMap(["96=opus/48000", "96=VP8/90000"])).toThrow(
      "--payload says twice what payload type 96 is",
    );
  });
});
