/** Something wrong with a call, for one that has nothing wrong. */

import type { IssueReport } from "../../../src/call/call-report.js";
import { at } from "../../report/samples.js";

export const ISSUE: IssueReport = {
  kind: "one-way-audio",
  direction: "caller-to-callee",
  from: at(1),
  to: at(2),
  detail: "Nothing was heard.",
};
