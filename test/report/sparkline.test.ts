import { describe, expect, it } from "vitest";

import { sparkline } from "../../src/report/sparkline.js";
import { plain } from "../../src/report/tone.js";
import { interval, rated, stream } from "./samples.js";

const bars = (intervals: ReturnType<typeof rated>, width = 80): string | undefined =>
  sparkline(stream({ intervals }), width, plain);

describe("sparkline", () => {
  it("draws scores from 1 to 4.5, and says how long a bar is and how far they reach", () => {
    expect(bars(rated([4.5, 4.4, 1, 2.75, 4.4]))).toBe("MOS-LQ each 5 s: ██▁▅█ 1.00 to 4.50");
  });

  it("names the conversation where that is what is drawn", () => {
    const intervals = [4, 2, 4].map((mosCq, index) =>
      interval(index, { quality: { rFactor: 0, mosCq, mosLq: 4.4 } }),
    );
    expect(bars(intervals)).toMatch(/^MOS-CQ each 5 s: .{3} 2\.00 to 4\.00$/);
  });

  it("says nothing of fewer than three intervals, or of ones that are alike", () => {
    expect(bars(rated([4.4, 1]))).toBeUndefined();
    expect(bars(rated([4.4, 4.3, 4.4, 4.35]))).toBeUndefined();
  });

  it("draws no bar where nothing could be rated", () => {
    expect(bars(rated([4.5, undefined, 1]))).toBe("MOS-LQ each 5 s: █·▁ 1.00 to 4.50");
  });

  it("draws losses where there are no scores", () => {
    const losses = [0, 25, 50, 0].map((packetsMissing, index) =>
      interval(index, { packetsMissing }),
    );
    expect(bars(losses)).toBe("loss each 5 s: ▁▅█▁ up to 20.0 %");
  });

  it("says nothing of loss that is the same all the time", () => {
    const losses = [5, 5, 6, 5].map((packetsMissing, index) => interval(index, { packetsMissing }));
    expect(bars(losses)).toBeUndefined();
  });

  it("takes more losses than packets were due, noticed late, as all of them", () => {
    const losses = [0, 900, 0].map((packetsMissing, index) => interval(index, { packetsMissing }));
    expect(bars(losses)).toBe("loss each 5 s: ▁█▁ up to 100 %");
  });

  it("draws the worst of several intervals where there are more than fit", () => {
    const scores = Array.from({ length: 720 }, (_, index) => (index === 300 ? 1 : 4.5));
    const text = bars(rated(scores), 80) ?? "";
    const drawn = /: (\S+) /.exec(text)?.[1] ?? "";
    expect(text.length).toBeLessThanOrEqual(80);
    expect(drawn.match(/▁/g)).toHaveLength(1);
    expect(drawn.length * Math.ceil(720 / drawn.length)).toBeGreaterThanOrEqual(720);
  });

  it("paints each bar by what users would say of it", () => {
    const tones: string[] = [];
    sparkline(stream({ intervals: rated([4.4, 3.7, 1]) }), 80, (tone, text) => {
      tones.push(tone);
      return text;
    });
    expect(tones).toEqual(["good", "fair", "alarm"]);
  });
});
