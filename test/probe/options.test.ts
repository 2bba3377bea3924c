import { describe, expect, it } from "vitest";

import { createProbe } from "../../src/probe.js";
import type { ProbeOptions } from "../../src/probe/options.js";

describe("an option that there is not", () => {
  it.each<[object, string]>([
    [
      { pollIntervallMs: 500 },
      'createProbe has no option "pollIntervallMs"; did you mean pollIntervalMs?',
    ],
    [
      { engine: { fixedBufferMS: 40 } },
      'engine has no option "fixedBufferMS"; did you mean fixedBufferMs?',
    ],
    [{ metrics: { exemplar: true } }, 'metrics has no option "exemplar"; did you mean exemplars?'],
    [{ stir: { maxAge: 60 } }, 'stir has no option "maxAge"; did you mean maxAgeSeconds?'],
    [{ privacy: { mode: "redact", salt: "x" } }, 'privacy has no option "salt"; it has mode, key'],
  ])("is refused: %o", (options, message) => {
    expect(() => createProbe(options as ProbeOptions)).toThrow(new TypeError(message));
  });

  it("is refused with the names of all there are where none is near", () => {
    expect(() => createProbe({ bogus: 1 } as ProbeOptions)).toThrow(
      /^createProbe has no option "bogus"; it has registry, recorder, .*, onError$/,
    );
  });

  it("may be named without a value, as may one that there is", async () => {
    const options: object = { bogus: undefined, engine: undefined };
    await createProbe(options).close();
  });

  it("is none of options that are no object", () => {
    expect(() => createProbe({ engine: 5 } as unknown as ProbeOptions)).toThrow(
      "engine is number; it must be an object of options",
    );
    expect(() => createProbe(null as unknown as ProbeOptions)).toThrow("createProbe is null");
  });
});
