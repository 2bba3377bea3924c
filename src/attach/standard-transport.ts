/**
 * ICE and DTLS of a standard peer connection. With BUNDLE there is one transport; of several, what is
 * said is of all together.
 *
 * @module
 */

import type { IceReport } from "../call/call-report.js";
import type { AttachedHandshake } from "../call/connection.js";
import { present } from "../rtcp/present.js";
import type { TransportListener } from "./connection-attachment.js";
import type { IceCredentials } from "./media-attachment.js";
import type { StandardPeerConnection } from "./standard-peer-connection.js";
import type { StandardStatistics } from "./standard-statistics.js";
import { DtlsWatch, type HandshakeFacts } from "./werift-dtls.js";
import { IceWatch } from "./werift-ice.js";
import type { WeriftCandidatePair } from "./werift-ports.js";
import type { SessionReader } from "./werift-session.js";

/** What a transport is given by its connection. */
export interface StandardTransportOptions extends TransportListener {
  readonly pc: StandardPeerConnection;
  readonly session: SessionReader;
  readonly statistics: StandardStatistics;
}

/** The transport of a connection. */
export class StandardTransport {
  readonly #options: StandardTransportOptions;
  readonly #dtls: DtlsWatch;
  readonly #ice: IceWatch;
  #dtlsState: string | undefined;
  #iceState: string | undefined;
  #ufrag: string | undefined;
  #restarts = 0;
  #readSdp: string | undefined;
  #credentials: IceCredentials | undefined;

  constructor(options: StandardTransportOptions) {
    this.#options = options;
    const { clock, after, dtlsTimeoutMs, iceTimeoutMs } = options;
    this.#dtls = new DtlsWatch({
      facts: () => this.#facts(),
      clock,
      after,
      timeoutMs: dtlsTimeoutMs,
      seesDatagrams: false,
      onOutcome: options.onDtls,
      onClosedByPeer: options.onClosedByPeer,
    });
    this.#ice = new IceWatch({
      transport: this.#iceTransport(),
      clock,
      after,
      timeoutMs: iceTimeoutMs,
      onOutcome: options.onIce,
      onRestart: options.onRestart,
    });
  }

  get dtls(): AttachedHandshake | undefined {
    return this.#dtls.report;
  }

  get ice(): IceReport | undefined {
    return this.#ice.report;
  }

  /** Of the description of this side. */
  credentials(): IceCredentials | undefined {
    const sdp = this.#options.pc.localDescription?.sdp;
    if (sdp === this.#readSdp) return this.#credentials;
    this.#readSdp = sdp;
    const own = this.#options.session.descriptions().find(({ by }) => by === "local");
    const section = own?.session.media.find(({ iceUfrag }) => iceUfrag !== undefined);
    const { iceUfrag: ufrag, icePwd: pwd } = section ?? {};
    this.#credentials = ufrag === undefined || pwd === undefined ? undefined : { ufrag, pwd };
    return this.#credentials;
  }

  /** Takes up what it may have come to already. */
  attached(): void {
    this.#ufrag = this.credentials()?.ufrag;
    this.#iceState = this.#iceStateNow();
    this.#ice.attached();
  }

  /** Looks at all states: what is new is taken up. */
  look(): void {
    this.#noticeRestart();
    const iceState = this.#iceStateNow();
    if (iceState !== undefined && iceState !== this.#iceState) {
      this.#iceState = iceState;
      this.#ice.stateChanged(iceState);
    }
    this.#ice.poll();
    const state = this.#options.statistics.security?.state;
    if (state === undefined || state === this.#dtlsState) return;
    const isFirst = this.#dtlsState === undefined;
    this.#dtlsState = state;
    // How long it took is not known of one that was on its way before it was first looked at.
    if (isFirst && state === "connecting") this.#dtls.attached();
    else this.#dtls.stateChanged(state);
  }

  connectionFailed(): void {
    if (this.#iceStateNow() === "failed") this.#ice.stateChanged("failed");
    this.#dtls.connectionFailed();
  }

  connectionClosed(): void {
    this.#dtls.connectionClosed();
  }

  detach(): void {
    this.#dtls.detach();
    this.#ice.detach();
  }

  #iceStateNow(): string | undefined {
    const { pc, statistics } = this.#options;
    return pc.iceConnectionState ?? statistics.security?.iceState;
  }

  /**
   * New credentials of this side are a restart (RFC 8445 §9), once they are agreed: an offer may be
   * rolled back, and what was agreed before stays in force until it is answered.
   */
  #noticeRestart(): void {
    const { signalingState = "stable" } = this.#options.pc;
    if (this.#ufrag !== undefined && signalingState !== "stable") return;
    const ufrag = this.credentials()?.ufrag;
    if (ufrag === undefined || ufrag === this.#ufrag) return;
    if (this.#ufrag !== undefined) this.#restarts += 1;
    this.#ufrag = ufrag;
  }

  #iceTransport(): ConstructorParameters<typeof IceWatch>[0]["transport"] {
    const stateNow = (): string => this.#iceStateNow() ?? "new";
    const restarts = (): number => this.#restarts;
    const pairNow = (): WeriftCandidatePair | undefined => this.#pair();
    return {
      get state() {
        return stateNow();
      },
      get iceRestarts() {
        return restarts();
      },
      connection: {
        get nominated() {
          return pairNow();
        },
      },
    };
  }

  /** After a restart the old pair stays in use until a new one is found. */
  #pair(): WeriftCandidatePair | undefined {
    const pair = this.#options.statistics.selectedPair;
    if (pair === undefined) return undefined;
    const isOld = pair.localUfrag !== undefined && pair.localUfrag !== this.#ufrag;
    if (isOld && this.#ufrag !== undefined) return undefined;
    return {
      localCandidate: present("type", pair.localType),
      remoteCandidate: present("type", pair.remoteType),
    };
  }

  #facts(): HandshakeFacts {
    const { statistics, session } = this.#options;
    const { state, role, version, cipher, srtpProfile, remoteCertificate } =
      statistics.security ?? {};
    return {
      state,
      iceState: this.#iceStateNow(),
      role: role === "client" || role === "server" ? role : undefined,
      hasFinished: remoteCertificate !== undefined,
      remoteCertificate,
      remoteFingerprints: session.remoteFingerprints(),
      ...present("version", version),
      ...present("cipher", cipher),
      ...present("srtpProfile", srtpProfile),
    };
  }
}
