import { describe, expect, it } from "vitest";

import { paragraphLines } from "../../../src/report/story/paragraph.js";
import type { Sentence } from "../../../src/report/story/sentence.js";
import { plain } from "../../../src/report/tone.js";

const SENTENCES: readonly Sentence[] = [
  { about: "course", text: "alice called bob.", fields: [] },
  { about: "heard", text: "It was bad, at MOS\u00a02.10.", fields: [], tone: "bad" },
  { about: "confidence", text: "So it seems.", fields: [], tone: "faint" },
];

describe("a paragraph", () => {
  it("fills its lines and keeps together what is tied", () => {
    expect(paragraphLines(SENTENCES, { width: 40, paint: plain })).toEqual([
      "alice called bob. It was bad, at",
      "MOS 2.10. So it seems.",
    ]);
  });

  it("gives each sentence its tone, line by line, and nothing else", () => {
    const lines = paragraphLines(SENTENCES, {
      width: 40,
      paint: (tone, text) => `<${tone}>${text}</${tone}>`,
    });
    expect(lines).toEqual([
      "alice called bob. <bad>It was bad, at</bad>",
      "<bad>MOS 2.10.</bad> <faint>So it seems.</faint>",
    ]);
  });

  it.each([40, 41, 55, 80, 200])("is the same text at %i columns", (width) => {
    const lines = paragraphLines(SENTENCES, { width, paint: plain });
    expect(lines.join(" ")).toBe("alice called bob. It was bad, at MOS 2.10. So it seems.");
    for (const line of lines) expect(line.length).toBeLessThanOrEqual(width);
  });
});
