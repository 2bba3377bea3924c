/**
 * Figures as a person reads them. None of them rounds something to nothing: what is not zero never
 * shows as zero, what is not all never shows as all.
 *
 * @module
 */

import { TIE } from "./display-text.js";

/** What stands for a figure that is not known. */
export const UNKNOWN = "–";

/** A whole number with commas between groups of three digits. */
export function countText(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+(?!\d))/g, ",");
}

/** A count and what is counted: "1 packet", "2 packets". */
export function countOf(count: number, one: string, many = `${one}s`): string {
  return `${countText(count)}${TIE}${count === 1 ? one : many}`;
}

/** A ratio from 0 to 1 in percent, without the sign. */
export function percentText(ratio: number): string {
  if (ratio <= 0) return "0";
  if (ratio >= 1) return "100";
  if (ratio < 0.000_1) return "<0.01";
  if (ratio >= 0.999_5) return ">99.9";
  return (ratio * 100).toFixed(ratio < 0.01 ? 2 : 1);
}

/** The same with its sign: "7.0 %". */
export function percent(ratio: number): string {
  return `${percentText(ratio)}${TIE}%`;
}

/** A time in milliseconds to about three digits, without the unit. */
export function msText(seconds: number): string {
  const ms = seconds * 1000;
  if (ms > 0 && ms < 0.01) return "<0.01";
  if (ms < 9.995) return ms.toFixed(2);
  return ms < 99.95 ? ms.toFixed(1) : countText(Math.round(ms));
}

/** A length of time: "850 ms", "9.98 s", "2:05", "1:02:33", "406 d 17 h". */
export function durationText(seconds: number): string {
  if (seconds > 0 && seconds < 0.0005) return `<1${TIE}ms`;
  if (seconds < 0.9995) return `${String(Math.round(seconds * 1000))}${TIE}ms`;
  if (seconds < 9.995) return `${seconds.toFixed(2)}${TIE}s`;
  if (seconds < 59.95) return `${seconds.toFixed(1)}${TIE}s`;
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  const rest = two(whole % 60);
  if (minutes < 60) return `${String(minutes)}:${rest}`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return `${String(hours)}:${two(minutes % 60)}:${rest}`;
  return `${countText(Math.floor(hours / 24))}${TIE}d${TIE}${String(hours % 24)}${TIE}h`;
}

/** The same for a length that was chosen, not measured: "5 s" rather than "5.00 s". */
export function spanText(seconds: number): string {
  const whole = Math.round(seconds);
  const isWhole = whole > 0 && whole < 60 && Math.abs(seconds - whole) < 0.05;
  return isWhole ? `${String(whole)}${TIE}s` : durationText(seconds);
}

/** A place on a time axis, to the millisecond: "0.412", "1:02.412", "1:02:03.412". */
export function clockText(seconds: number): string {
  const ms = Math.round(seconds * 1000);
  const two = (value: number): string => String(value).padStart(2, "0");
  const fraction = `.${String(ms % 1000).padStart(3, "0")}`;
  const whole = Math.floor(ms / 1000);
  if (whole < 60) return String(whole) + fraction;
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = two(whole % 60) + fraction;
  return hours === 0 ? `${minutes}:${rest}` : `${hours}:${two(minutes)}:${rest}`;
}

/** The same to the second, for people: "0:07", "1:02", "1:02:03". */
export function minutesText(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 60 ? `0:${String(whole).padStart(2, "0")}` : durationText(whole);
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"] as const;

/** An amount of bytes, in powers of 1000: "215 kB". */
export function bytesText(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)}${TIE}${BYTE_UNITS[unit] ?? ""}`;
}

/** A mean opinion score. */
export function mosText(mos: number): string {
  return mos.toFixed(2);
}

/** R points, or what took them. */
export function pointsText(points: number): string {
  return points.toFixed(1);
}

/** Seconds from one ISO 8601 instant to another, to the millisecond. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** The time of day of an ISO 8601 instant in UTC: "12:00:05". */
export function timeOfDay(instant: string): string {
  return instant.slice(11, 19);
}

/** Date and time of an ISO 8601 instant in UTC: "2024-05-03 12:00:05". */
export function dateAndTime(instant: string): string {
  return `${instant.slice(0, 10)}${TIE}${timeOfDay(instant)}`;
}
