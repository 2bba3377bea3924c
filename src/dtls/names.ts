/**
 * Registered names of what a handshake negotiates and how it is refused.
 *
 * @module
 */

/** IANA "DTLS-SRTP Protection Profiles": RFC 5764 §4.1.2, RFC 7714, RFC 8269 and RFC 8723. */
const SRTP_PROFILES: ReadonlyMap<number, string> = new Map([
  [0x0001, "SRTP_AES128_CM_HMAC_SHA1_80"],
  [0x0002, "SRTP_AES128_CM_HMAC_SHA1_32"],
  [0x0005, "SRTP_NULL_HMAC_SHA1_80"],
  [0x0006, "SRTP_NULL_HMAC_SHA1_32"],
  [0x0007, "SRTP_AEAD_AES_128_GCM"],
  [0x0008, "SRTP_AEAD_AES_256_GCM"],
  [0x0009, "DOUBLE_AEAD_AES_128_GCM_AEAD_AES_128_GCM"],
  [0x000a, "DOUBLE_AEAD_AES_256_GCM_AEAD_AES_256_GCM"],
  [0x000b, "SRTP_ARIA_128_CTR_HMAC_SHA1_80"],
  [0x000c, "SRTP_ARIA_128_CTR_HMAC_SHA1_32"],
  [0x000d, "SRTP_ARIA_256_CTR_HMAC_SHA1_80"],
  [0x000e, "SRTP_ARIA_256_CTR_HMAC_SHA1_32"],
  [0x000f, "SRTP_AEAD_ARIA_128_GCM"],
  [0x0010, "SRTP_AEAD_ARIA_256_GCM"],
]);

/** IANA "TLS Alerts": RFC 8446 §6, RFC 5246 §7.2 and the RFCs that added to them. */
const ALERTS: ReadonlyMap<number, string> = new Map([
  [0, "close_notify"],
  [10, "unexpected_message"],
  [20, "bad_record_mac"],
  [21, "decryption_failed"],
  [22, "record_overflow"],
  [30, "decompression_failure"],
  [40, "handshake_failure"],
  [41, "no_certificate"],
  [42, "bad_certificate"],
  [43, "unsupported_certificate"],
  [44, "certificate_revoked"],
  [45, "certificate_expired"],
  [46, "certificate_unknown"],
  [47, "illegal_parameter"],
  [48, "unknown_ca"],
  [49, "access_denied"],
  [50, "decode_error"],
  [51, "decrypt_error"],
  [52, "too_many_cids_requested"],
  [60, "export_restriction"],
  [70, "protocol_version"],
  [71, "insufficient_security"],
  [80, "internal_error"],
  [86, "inappropriate_fallback"],
  [90, "user_canceled"],
  [100, "no_renegotiation"],
  [109, "missing_extension"],
  [110, "unsupported_extension"],
  [111, "certificate_unobtainable"],
  [112, "unrecognized_name"],
  [113, "bad_certificate_status_response"],
  [114, "bad_certificate_hash_value"],
  [115, "unknown_psk_identity"],
  [116, "certificate_required"],
  [117, "general_error"],
  [120, "no_application_protocol"],
  [121, "ech_required"],
]);

/** Every registered name. */
export const SRTP_PROFILE_NAMES: readonly string[] = [...SRTP_PROFILES.values()];

/** Every registered name. */
export const ALERT_NAMES: readonly string[] = [...ALERTS.values()];

/** The registered name; the number in hex, as `0x00ff`, where there is none. */
export function srtpProfileName(profile: number): string {
  return SRTP_PROFILES.get(profile) ?? `0x${profile.toString(16).padStart(4, "0")}`;
}

/** The registered name; `alert-<code>` where there is none. */
export function alertName(code: number): string {
  return ALERTS.get(code) ?? `alert-${String(code)}`;
}
