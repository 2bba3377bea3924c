import { describe, expect, it } from "vitest";

import { compactEvent } from "../../src/logs/compact-event.js";
import { createLogger } from "../../src/logs/logger.js";
import type { LogLevel } from "../../src/logs/log-port.js";
import { VoiceLog } from "../../src/logs/voice-log.js";
import { VoicePipeline } from "../../src/metrics/host/voice-pipeline.js";
import type { VoiceEvent } from "../../src/metrics/host/voice-events.js";
import { Recorder } from "../../src/metrics/recorder.js";
import { Lines } from "./lines.js";

/** The lines that a pipeline with such a log writes, without their times. */
async function linesOf(level: LogLevel, ...events: VoiceEvent[]): Promise<string[]> {
  const lines = new Lines();
  const log = await createLogger({ level, destination: lines, environment: {} });
  const outputs = [new VoiceLog(log)];
  const voice = new VoicePipeline(new Recorder(), { nowMs: () => 0, outputs });
  for (const event of events) voice.record(event);
  return lines.all.map((line) => line.slice("2026/05/15 12:34:56 ".length).trimEnd());
}

describe("the log of a pipeline", () => {
  it("has an event in few words: what goes without saying is left out", async () => {
    expect(
      await linesOf(
        "debug",
        {
          kind: "usage",
          model: "gpt-4o",
          provider: "",
          llmInputTokens: 412,
          llmInputCachedTokens: 0,
          sessionId: "s1",
        },
        { kind: "llm.firstToken", seconds: 0.4, status: "success", model: "gpt-4o" },
        { kind: "llm.done", seconds: 2, status: "error" },
        { kind: "connection.acquired", seconds: 0, reused: true },
        { kind: "connection.acquired", seconds: 0.2, reused: false },
      ),
    ).toEqual([
      "DEBUG usage session_id=s1 model=gpt-4o llm_input_tokens=412",
      "DEBUG llm.firstToken seconds=0.4 model=gpt-4o",
      "DEBUG llm.done seconds=2 status=error",
      "DEBUG connection.acquired seconds=0 reused=true",
      "DEBUG connection.acquired seconds=0.2",
    ]);
  });

  it("has at info only what is wrong, with the model that is given up", async () => {
    expect(
      await linesOf(
        "info",
        { kind: "llm.firstToken", seconds: 0.4 },
        { kind: "error", stage: "stt", errorType: "provider_error" },
        { kind: "fallback", stage: "llm", model: "gpt-4o" },
        { kind: "retry", stage: "llm" },
      ),
    ).toEqual([
      "WARN error stage=stt",
      "WARN fallback stage=llm model=gpt-4o",
      "WARN retry stage=llm",
    ]);
  });
});

it("a compact event is named as fields of a log are", () => {
  expect(compactEvent({ sttAudioSeconds: 0, ttsCharacters: 0, asrFinalAtSeconds: 3 })).toEqual({
    asr_final_at_seconds: 3,
  });
});

it("a compact event keeps a time of 0, and leaves out an amount of 0", () => {
  const times = { seconds: 0, sinceSpeechEndSeconds: 0, firstAudioAtSeconds: 0 };
  const amounts = {
    sttAudioSeconds: 0,
    ttsAudioSeconds: 0,
    llmSessionSeconds: 0,
    llmInputTokens: 0,
  };
  expect(compactEvent({ ...times, ...amounts })).toEqual({
    seconds: 0,
    since_speech_end_seconds: 0,
    first_audio_at_seconds: 0,
  });
});

it("a compact event has the numbers of a typed array as a list", () => {
  const event = { kind: "llm.tokenGap", seconds: Float64Array.of(0.5, 0.25) };
  expect(compactEvent(event)).toEqual({ kind: "llm.tokenGap", seconds: [0.5, 0.25] });
});
