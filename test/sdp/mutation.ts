/** What breaks parsers: signs of the grammar, numbers at their limits, bytes of other worlds. */
const SPICE: readonly string[] = [
  "\r\n",
  "\n",
  "\r",
  "\0",
  " ",
  "\t",
  ":",
  ";",
  "=",
  "/",
  ",",
  "<",
  ">",
  '"',
  "\\",
  "--",
  "[",
  "]",
  "%",
  "-1",
  "0",
  "65535",
  "65536",
  "4294967295",
  "4294967296",
  "99999999999999999999",
  "NaN",
  "__proto__",
  "constructor",
  "é",
  "\u{1f4de}",
  "\ufeff",
  "\ud800",
  "m=",
  "a=",
  "c=",
  "v=0\r\n",
  "SIP/2.0",
  "Content-Length: 5\r\n",
  "Content-Type: multipart/mixed;boundary=x\r\n",
];

/** The text after one to four random cuts, doublings, insertions and changes. */
export function mutated(text: string, random: (limit: number) => number): string {
  let result = text;
  for (let step = random(4); step >= 0; step -= 1) {
    const at = random(result.length + 1);
    const end = Math.min(result.length, at + random(30));
    const before = result.slice(0, at);
    const spice = SPICE[random(SPICE.length)] ?? "";
    switch (random(6)) {
      case 0:
        result = before + result.slice(end);
        break;
      case 1:
        result = before + result.slice(at, end) + result.slice(at);
        break;
      case 2:
        result = before + spice + result.slice(at);
        break;
      case 3:
        result = before + spice + result.slice(end);
        break;
      case 4:
        result = before + String.fromCharCode(random(256)) + result.slice(at + 1);
        break;
      default:
        result = random(8) === 0 ? before : result;
    }
  }
  return result;
}
