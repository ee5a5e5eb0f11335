// What may be said of a tube without network, in the words of the page at the chair.

const MICROLITRES = 1000;

/** `full`, `short:2000`, `amount` with a number, `not_collected:fainted`, `broken:dropped` as action and details; null for anything else. */
export function answerTold(answer, millilitres = "") {
  const [word, more = ""] = answer.split(":");
  if (["full", "short", "unknown"].includes(word)) {
    const volume = word === "short" ? Number(more) || Math.round(Number(millilitres) * MICROLITRES) : 0;
    return { action: "collect", details: { fill: word, ...(volume > 0 && { volume_microlitres: volume }) } };
  }
  if (word === "amount") return Number(millilitres) > 0 ? answerTold("short", millilitres) : null;
  if (word === "not_collected" && more) return { action: "mark_not_collected", details: { reason: more } };
  if (word === "broken" && more) return { action: "break", details: { reason: more } };
  return null;
}
