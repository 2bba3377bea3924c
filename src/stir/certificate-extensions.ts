/**
 * Certificate extensions of STIR: TNAuthList (RFC 8226 §9) and JWTClaimConstraints (RFC 8226 §8).
 *
 * @module
 */

import {
  AsnArray,
  AsnChoiceType,
  AsnConvert,
  AsnProp,
  AsnPropTypes,
  AsnType,
  AsnTypeTypes,
} from "@peculiar/asn1-schema";

import type { ClaimConstraints, NumberRange, TelephoneAuthority } from "./telephone-authority.js";

/** id-pe-TNAuthList. */
export const TN_AUTH_LIST_OID = "1.3.6.1.5.5.7.1.26";

/** id-pe-JWTClaimConstraints. */
export const JWT_CLAIM_CONSTRAINTS_OID = "1.3.6.1.5.5.7.1.27";

/** Entries of one list that are read; one with more is unreadable. */
export const MAX_ENTRIES = 2000;

class TelephoneNumberRange {
  start = "";
  count = 0;
}
AsnProp({ type: AsnPropTypes.IA5String })(TelephoneNumberRange.prototype, "start");
AsnProp({ type: AsnPropTypes.Integer })(TelephoneNumberRange.prototype, "count");

class TelephoneNumberEntry {
  serviceProviderCode?: string;
  range?: TelephoneNumberRange;
  one?: string;
}
AsnProp({ type: AsnPropTypes.IA5String, context: 0 })(
  TelephoneNumberEntry.prototype,
  "serviceProviderCode",
);
AsnProp({ type: TelephoneNumberRange, context: 1 })(TelephoneNumberEntry.prototype, "range");
AsnProp({ type: AsnPropTypes.IA5String, context: 2 })(TelephoneNumberEntry.prototype, "one");
AsnChoiceType()(TelephoneNumberEntry);

class TelephoneNumberAuthorizationList extends AsnArray<TelephoneNumberEntry> {}
AsnType({ type: AsnTypeTypes.Sequence, itemType: TelephoneNumberEntry })(
  TelephoneNumberAuthorizationList,
);

class PermittedValues {
  claim = "";
  permitted: string[] = [];
}
AsnProp({ type: AsnPropTypes.IA5String })(PermittedValues.prototype, "claim");
AsnProp({ type: AsnPropTypes.Utf8String, repeated: "sequence" })(
  PermittedValues.prototype,
  "permitted",
);

class JwtClaimConstraints {
  mustInclude?: string[];
  permittedValues?: PermittedValues[];
}
AsnProp({ type: AsnPropTypes.IA5String, repeated: "sequence", context: 0, optional: true })(
  JwtClaimConstraints.prototype,
  "mustInclude",
);
AsnProp({ type: PermittedValues, repeated: "sequence", context: 1, optional: true })(
  JwtClaimConstraints.prototype,
  "permittedValues",
);

/** Reads the value of a TNAuthList extension. Nothing where it is unreadable or empty. */
export function parseTelephoneAuthority(der: ArrayBuffer): TelephoneAuthority | undefined {
  try {
    const entries = AsnConvert.parse(der, TelephoneNumberAuthorizationList);
    if (entries.length === 0 || entries.length > MAX_ENTRIES) return undefined;
    const serviceProviderCodes: string[] = [];
    const ranges: NumberRange[] = [];
    const numbers = new Set<string>();
    for (const { serviceProviderCode, range, one } of entries) {
      if (serviceProviderCode !== undefined) serviceProviderCodes.push(serviceProviderCode);
      else if (one !== undefined && TELEPHONE_NUMBER.test(one)) numbers.add(one);
      else {
        const read = range && numberRange(range);
        if (read === undefined) return undefined;
        ranges.push(read);
      }
    }
    return { serviceProviderCodes, ranges, numbers };
  } catch {
    return undefined;
  }
}

const TELEPHONE_NUMBER = /^[0-9#*]{1,15}$/;

function numberRange({ start, count }: TelephoneNumberRange): NumberRange | undefined {
  if (!/^[0-9]{1,15}$/.test(start) || !Number.isSafeInteger(count) || count < 2) return undefined;
  const first = Number(start);
  const last = first + count - 1;
  return Number.isSafeInteger(last) ? { first, last, digits: start.length } : undefined;
}

/** Reads the value of a JWTClaimConstraints extension. Nothing where it is unreadable. */
export function parseClaimConstraints(der: ArrayBuffer): ClaimConstraints | undefined {
  try {
    const { mustInclude = [], permittedValues = [] } = AsnConvert.parse(der, JwtClaimConstraints);
    const permitted = new Map(permittedValues.map((one) => [one.claim, one.permitted]));
    return { mustInclude, permitted };
  } catch {
    return undefined;
  }
}
