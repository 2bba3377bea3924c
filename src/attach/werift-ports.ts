/**
 * The members of werift (0.24, 0.25) that the adapter uses, as structural interfaces: werift is not
 * imported, since its two builds have different classes. All are looked for before use, so that
 * another version costs what it lacks and nothing else.
 *
 * @module
 */

/** werift's `Event`. */
export interface WeriftEvent<Value> {
  subscribe(listener: (value: Value) => void): { unSubscribe(): void };
}

/** `Candidate` of an ICE connection. */
export interface WeriftCandidate {
  readonly host?: string;
  readonly port?: number;
  /** `host`, `srflx`, `prflx`, `relay`. */
  readonly type?: string;
}

/** `CandidatePair` of an ICE connection. */
export interface WeriftCandidatePair {
  /** 0 frozen, 1 waiting, 2 in progress, 3 succeeded, 4 failed. */
  readonly state?: number;
  readonly localCandidate?: WeriftCandidate;
  readonly remoteCandidate?: WeriftCandidate;
  readonly packetsSent?: number;
  readonly packetsReceived?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
  /** Of STUN, in seconds. */
  readonly rtt?: number;
  readonly totalRoundTripTime?: number;
  readonly roundTripTimeMeasurements?: number;
}

/** `Connection`, the ICE agent. */
export interface WeriftConnection {
  readonly onData?: WeriftEvent<Uint8Array>;
  readonly nominated?: WeriftCandidatePair | undefined;
  readonly candidatePairs?: readonly WeriftCandidatePair[];
  readonly remoteCandidatesEnd?: boolean;
  readonly localCandidatesEnd?: boolean;
  readonly localUsername?: string;
  readonly localPassword?: string;
  canSendApplicationData?(): boolean;
}

/** `RTCIceTransport`. */
export interface WeriftIceTransport {
  readonly state?: string;
  readonly iceRestarts?: number;
  readonly onStateChange?: WeriftEvent<unknown>;
  readonly connection?: WeriftConnection;
}

/** `DtlsSocket`. */
export interface WeriftDtlsSocket {
  /** The handshake ended, whatever became of it afterwards. */
  readonly connected?: boolean;
  /** In DER. */
  readonly remoteCertificate?: Uint8Array | undefined;
  readonly dtls?: { readonly version?: { readonly major?: number; readonly minor?: number } };
  readonly cipher?: { readonly cipher?: { readonly name?: string } | undefined };
  readonly srtp?: { readonly srtpProfile?: number | undefined };
}

/** `RTCDtlsTransport`. */
export interface WeriftDtlsTransport {
  readonly id?: string;
  readonly state?: string;
  readonly role?: string;
  readonly iceTransport?: WeriftIceTransport;
  readonly dtls?: WeriftDtlsSocket | undefined;
  readonly onStateChange?: WeriftEvent<unknown>;
  readonly onRtcp?: WeriftEvent<unknown>;
  readonly packetsSent?: number;
  readonly bytesSent?: number;
}

/** `RTCRtpCodecParameters`. */
export interface WeriftCodec {
  readonly payloadType?: number;
  /** `audio/opus`. */
  readonly mimeType?: string;
  readonly clockRate?: number;
  readonly channels?: number | undefined;
  readonly parameters?: string | undefined;
}

/** `RTCRtpSender` or `RTCRtpReceiver`. */
export interface WeriftStatisticsSource {
  collectStats?(timestamp: number): readonly object[];
}

/** `RTCRtpSender`. */
export interface WeriftSender extends WeriftStatisticsSource {
  readonly ssrc?: number;
  readonly rtxSsrc?: number;
  readonly codec?: WeriftCodec | undefined;
}

/** `RTCRtpReceiver`. */
export interface WeriftReceiver extends WeriftStatisticsSource {
  /** By SSRC in decimal. */
  readonly trackBySSRC?: object;
}

/** `RTCRtpTransceiver`. */
export interface WeriftTransceiver {
  readonly mid?: string | null;
  readonly codecs?: readonly WeriftCodec[];
  readonly sender?: WeriftSender;
  readonly receiver?: WeriftReceiver;
  readonly dtlsTransport?: WeriftDtlsTransport | undefined;
}

/** `RTCDataChannel`. */
export interface WeriftDataChannel {
  readonly readyState?: string;
  readonly messagesSent?: number;
  readonly messagesReceived?: number;
  readonly bytesSent?: number;
  readonly bytesReceived?: number;
}

/** `RTCSessionDescription`. */
export interface WeriftDescription {
  /** `offer`, `answer`. */
  readonly type?: string;
  readonly sdp?: string;
}

/** `RTCPeerConnection`. */
export interface WeriftPeerConnection {
  readonly id?: string;
  readonly connectionState?: string;
  readonly signalingState?: string;
  readonly connectionStateChange?: WeriftEvent<unknown>;
  readonly iceConnectionStateChange?: WeriftEvent<unknown>;
  readonly signalingStateChange?: WeriftEvent<unknown>;
  readonly onTransceiverAdded?: WeriftEvent<unknown>;
  readonly onRemoteTransceiverAdded?: WeriftEvent<unknown>;
  readonly onDataChannel?: WeriftEvent<unknown>;
  readonly dtlsTransports?: readonly WeriftDtlsTransport[];
  readonly sctpTransport?: { readonly dataChannels?: object } | undefined;
  readonly localDescription?: WeriftDescription | null;
  readonly remoteDescription?: WeriftDescription | null;
  getTransceivers?(): readonly WeriftTransceiver[];
  getStats?(): Promise<object>;
}

/** A number, if it is one. */
export function numberOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isFinite(value) ? value : undefined;
}

/** A member of something that may not be an object. */
export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

/** A member that should be a number and is none counts as 0. */
export function countOf(value: unknown, name: string): number {
  return numberOf(memberOf(value, name)) ?? 0;
}
