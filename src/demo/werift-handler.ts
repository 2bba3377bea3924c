/**
 * Media for sip.js by werift: what a media server on Node has between the two.
 *
 * @module
 */

import type { BodyAndContentType, SessionDescriptionHandler } from "sip.js";
import { MediaStreamTrack, RTCPeerConnection, RTCRtpCodecParameters } from "werift";

import type { Relay } from "./relay.js";
import { speak } from "./speech.js";

const CONTENT_TYPE = "application/sdp";

/** How one side's media is made. */
export interface MediaPlan {
  readonly toneHz: number;
  /** Between this side, which is its `a`, and the other. */
  readonly relay?: Relay | undefined;
}

/** One session's media. */
export class WeriftHandler implements SessionDescriptionHandler {
  /** As handlers for browsers name theirs. */
  readonly peerConnection: RTCPeerConnection;
  readonly #plan: MediaPlan;
  readonly #stop: () => void;

  constructor(plan: MediaPlan) {
    this.#plan = plan;
    const codec = new RTCRtpCodecParameters({
      mimeType: "audio/PCMU",
      clockRate: 8000,
      channels: 1,
      payloadType: 0,
    });
    this.peerConnection = new RTCPeerConnection({
      codecs: { audio: [codec], video: [] },
      iceServers: [],
      iceUseIpv6: false,
      iceInterfaceAddresses: { udp4: "127.0.0.1" },
      iceAdditionalHostAddresses: ["127.0.0.1"],
    });
    const track = new MediaStreamTrack({ kind: "audio" });
    this.peerConnection.addTransceiver(track, { direction: "sendrecv" });
    this.#stop = speak(track, plan.toneHz);
  }

  async getDescription(): Promise<BodyAndContentType> {
    const pc = this.peerConnection;
    this.#askNoServer();
    const isAnswer = pc.signalingState === "have-remote-offer";
    await pc.setLocalDescription(isAnswer ? await pc.createAnswer() : await pc.createOffer());
    const sdp = pc.localDescription?.sdp ?? "";
    const body = this.#plan.relay?.inPlaceOf("a", sdp) ?? sdp;
    return { body, contentType: CONTENT_TYPE };
  }

  async setDescription(sdp: string): Promise<void> {
    const pc = this.peerConnection;
    const type = pc.signalingState === "have-local-offer" ? "answer" : "offer";
    this.#askNoServer();
    await pc.setRemoteDescription({ type, sdp: this.#plan.relay?.inPlaceOf("b", sdp) ?? sdp });
  }

  hasDescription(contentType: string): boolean {
    return contentType === CONTENT_TYPE;
  }

  sendDtmf(): boolean {
    return false;
  }

  close(): void {
    this.#stop();
    void this.peerConnection.close();
    this.#plan.relay?.close();
  }

  /** Without it werift asks a public STUN server whatever it is configured with. */
  #askNoServer(): void {
    for (const { iceTransport } of this.peerConnection.dtlsTransports) {
      delete iceTransport.connection.stunServer;
    }
  }
}
