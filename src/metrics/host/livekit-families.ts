/**
 * The instruments of LiveKit agents as families to scrape.
 *
 * @module
 */

import {
  LIVEKIT_FAMILIES,
  LIVEKIT_INSTRUMENTS,
  type LiveKitInstrument,
} from "../catalogue/livekit.js";
import type { FamilyName } from "../family.js";
import type { Recorder } from "../recorder.js";
import { measureLiveKit, type LiveKitSink } from "./livekit-measures.js";
import type { VoiceEvent, VoiceEventFacts, VoiceOutput } from "./voice-events.js";

type Families = typeof LIVEKIT_FAMILIES;
type Reused = "lk_agents_connection_acquire_time_seconds";
type Measure = (value: number, about: VoiceEventFacts, reused: boolean) => void;

/** Feeds the families `lk_agents_*`. */
export class LiveKitFamilies implements VoiceOutput, LiveKitSink {
  readonly #measures = new Map<LiveKitInstrument, Measure>();

  constructor(recorder: Recorder) {
    for (const [instrument, family] of Object.entries(LIVEKIT_INSTRUMENTS)) {
      this.#measures.set(instrument as LiveKitInstrument, measureOf(recorder, family));
    }
  }

  onVoiceEvent(event: VoiceEvent): void {
    measureLiveKit(event, this);
  }

  measure(
    instrument: LiveKitInstrument,
    value: number,
    about: VoiceEventFacts,
    reused = false,
  ): void {
    this.#measures.get(instrument)?.(value, about, reused);
  }
}

function measureOf(recorder: Recorder, family: keyof Families): Measure {
  if (family === "lk_agents_connection_acquire_time_seconds") {
    const times = recorder.histogram(family);
    return (value, { model, provider }, reused) => {
      times.at(model ?? "", provider ?? "", reused ? "true" : "false").observe(value);
    };
  }
  if (LIVEKIT_FAMILIES[family].type === "histogram") {
    const times = recorder.histogram(family as Exclude<FamilyName<Families, "histogram">, Reused>);
    return (value, { model, provider }) => {
      times.at(model ?? "", provider ?? "").observe(value);
    };
  }
  const amounts = recorder.counter(family as FamilyName<Families, "counter">);
  return (value, { model, provider }) => {
    amounts.at(model ?? "", provider ?? "").add(value);
  };
}
