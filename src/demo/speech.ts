/**
 * Something to hear: G.711 of a tone that comes and goes as speech does.
 *
 * @module
 */

import { RtpHeader, RtpPacket, type MediaStreamTrack } from "werift";

const SAMPLES_PER_FRAME = 160;
const FRAME_MS = 20;
const SAMPLE_RATE_HZ = 8000;
const PCMU_PAYLOAD_TYPE = 0;
const TALK_MS = 1600;
const PAUSE_MS = 400;

/** Speaks into a track at an even pace until what is returned is called. */
export function speak(track: MediaStreamTrack, toneHz: number): () => void {
  const startedAtMs = performance.now();
  let frame = 0;
  let timer: NodeJS.Timeout;
  const next = (): void => {
    // What the timer is late by is made up for: the pace is the clock's.
    const due = Math.floor((performance.now() - startedAtMs) / FRAME_MS);
    for (; frame <= due; frame += 1) track.writeRtp(packetOf(frame, toneHz));
    timer = setTimeout(next, startedAtMs + frame * FRAME_MS - performance.now());
  };
  timer = setTimeout(next, 0);
  return () => {
    clearTimeout(timer);
  };
}

/** The track's sender puts its own SSRC in. */
function packetOf(frame: number, toneHz: number): RtpPacket {
  const header = new RtpHeader({
    payloadType: PCMU_PAYLOAD_TYPE,
    sequenceNumber: frame & 0xffff,
    timestamp: (frame * SAMPLES_PER_FRAME) >>> 0,
    ssrc: 1,
    marker: frame === 0,
  });
  return new RtpPacket(header, frameOf(frame, toneHz));
}

function frameOf(frame: number, toneHz: number): Buffer {
  const isTalking = (frame * FRAME_MS) % (TALK_MS + PAUSE_MS) < TALK_MS;
  const bytes = Buffer.alloc(SAMPLES_PER_FRAME);
  for (let index = 0; index < SAMPLES_PER_FRAME; index += 1) {
    const seconds = (frame * SAMPLES_PER_FRAME + index) / SAMPLE_RATE_HZ;
    const sample = isTalking ? 8000 * Math.sin(2 * Math.PI * toneHz * seconds) : 0;
    bytes[index] = muLaw(Math.round(sample));
  }
  return bytes;
}

const BIAS = 132;
const CLIP = 32_635;

/** ITU-T G.711 of a 16-bit sample. */
export function muLaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(sample), CLIP) + BIAS;
  const exponent = Math.floor(Math.log2(magnitude)) - 7;
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}
