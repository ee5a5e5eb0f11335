// What was scanned, as far as it can be judged without the service; what is no code is never kept.

const OURS = /^[A-Z][0-9]{12}$/;
const LIKE_A_CODE = /^(?=(?:.*[0-9]){4})[A-Z0-9][A-Z0-9._/()\x1d-]{3,79}$/;
const ABOUT_A_PERSON = /^P\d{9}$|^\d{4}-\d\d-\d\d$|^\d{1,2}[./-]\d{1,2}[./-]\d{2,4}$|^\d{3}-?\d{2}-?\d{4}$|^\(?\d{3}\)?[.-]?\d{3}[.-]\d{4}$/;
const BADGE = /U(?:\W*[0-9]){18,}/;
const LETTER_A = 10;

/** A key that names one scan for ever, in every attempt to send it. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** ISO 7064 MOD 97-10, as the service makes them. */
function checkDigitsFit(code) {
  const letter = code.charCodeAt(0) - "A".charCodeAt(0) + LETTER_A;
  return (BigInt(`${letter}${code.slice(1, 11)}`) * 100n + BigInt(code.slice(11))) % 97n === 1n;
}

/** The code without what scanners add: an announcement such as ]C0, spaces and hyphens between our digits. */
export function plainCode(text) {
  // eslint-disable-next-line no-control-regex
  const seen = text.trim().replace(/[\x00-\x1c\x1e\x1f\x7f]/g, "").replace(/^(?:\][A-Za-z][0-9A-Za-z])+/, "").toUpperCase();
  const compact = seen.replace(/[\s\-\u2010-\u2013\u2212]/g, "");
  return OURS.test(compact) ? compact : seen;
}

/** "tube", "kit", "other" of ours, "maker" for a code of somebody else's, or null: no code. */
export function kindOfCode(code) {
  if (OURS.test(code)) {
    if (!checkDigitsFit(code)) return null;
    return { T: "tube", K: "kit" }[code[0]] ?? "other";
  }
  const isSomebodys = ABOUT_A_PERSON.test(code) || BADGE.test(code);
  return LIKE_A_CODE.test(code) && !isSomebodys ? "maker" : null;
}
