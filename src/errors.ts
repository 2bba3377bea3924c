/**
 * The errors this package throws on purpose. Bad packets and bad messages are not among them: they
 * are counted where they are found.
 *
 * @module
 */

/** Every code a {@link ProbeError} can carry. Codes are stable; messages are not. */
export type ProbeErrorCode =
  | "ERR_NATIVE_UNAVAILABLE"
  | "ERR_CAPTURE_OPEN"
  | "ERR_CAPTURE_FORMAT"
  | "ERR_CAPTURE_DAMAGED"
  | "ERR_CERTIFICATE_FILES"
  | "ERR_OPENTELEMETRY_MISSING"
  | "ERR_RECORD_STORE";

/** Base of all errors this package throws on purpose. Switch on {@link ProbeError.code}. */
export abstract class ProbeError extends Error {
  abstract readonly code: ProbeErrorCode;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The native addon is missing or does not load; {@link Error.cause} says why. */
export class NativeUnavailableError extends ProbeError {
  readonly code = "ERR_NATIVE_UNAVAILABLE";
}

/** The capture cannot be opened or read at all; {@link Error.cause} is the system's error. */
export class CaptureOpenError extends ProbeError {
  readonly code = "ERR_CAPTURE_OPEN";
}

/** The input is not a capture of any format that can be read. */
export class CaptureFormatError extends ProbeError {
  readonly code = "ERR_CAPTURE_FORMAT";
}

/** The capture was read up to some point and no further; what was read has been given out. */
export class CaptureDamagedError extends ProbeError {
  readonly code = "ERR_CAPTURE_DAMAGED";
}

/** Certificates to verify identities with cannot be read, or there are none where they should be. */
export class CertificateFilesError extends ProbeError {
  readonly code = "ERR_CERTIFICATE_FILES";
}

/** A package of OpenTelemetry is not installed or does not load; {@link Error.cause} says which. */
export class OpenTelemetryMissingError extends ProbeError {
  readonly code = "ERR_OPENTELEMETRY_MISSING";

  constructor(cause: unknown) {
    super(
      "OTLP needs the packages of OpenTelemetry; run: npm install @opentelemetry/api@1 " +
        "@opentelemetry/sdk-metrics@2 @opentelemetry/resources@2 @opentelemetry/otlp-exporter-base " +
        "@opentelemetry/exporter-metrics-otlp-http @opentelemetry/exporter-metrics-otlp-proto",
      { cause },
    );
  }
}

/** Records cannot be stored or searched: {@link Error.cause} is the system's or the database's error. */
export class RecordStoreError extends ProbeError {
  readonly code = "ERR_RECORD_STORE";
}
