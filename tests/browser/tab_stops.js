// Goes over a page by Tab, without the page's own keys hearing of it, and says what was not reached or not to be seen.
globalThis.tabStops = (() => {
  const OPERABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const PARTS = { date: 4, time: 4, "datetime-local": 7 };
  let before, wanted, seen;

  /** A map is one stop; the arrow keys go on within it. */
  const isWithinGrid = (element) => element.tabIndex < 0 && element.closest("[role=grid]") !== null;
  const deafen = (event) => event.stopImmediatePropagation();
  const told = (element) => element.outerHTML.replace(/\s+/g, " ").slice(0, 120);
  const group = (element) => (element.type === "radio" ? `${element.form?.id ?? ""} ${element.form?.action ?? ""} ${element.name}` : element);
  const root = () => document.querySelector("dialog:modal") ?? document;

  function outlined(element, part) {
    const style = getComputedStyle(element, part);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== "none";
  }

  function shown(element) {
    const label = element.labels?.[0];
    return [element, ...(label ? [label] : [])].some((each) => [null, "::before", "::after"].some((part) => outlined(each, part)));
  }

  return {
    begin() {
      before = document.activeElement;
      wanted = [...root().querySelectorAll(OPERABLE)].filter((each) => !each.disabled && !isWithinGrid(each) && each.checkVisibility({ visibilityProperty: true }));
      seen = new Map();
      window.addEventListener("keydown", deafen, true);
      before.blur();
      return wanted.reduce((stops, each) => stops + (PARTS[each.type] ?? 1), 0);
    },
    note() {
      const element = document.activeElement;
      if (element !== document.body) seen.set(group(element), seen.get(group(element)) || shown(element));
    },
    end() {
      window.removeEventListener("keydown", deafen, true);
      const missed = wanted.filter((each) => !seen.has(group(each))).map((each) => `Tab does not reach ${told(each)}`);
      const hidden = wanted.filter((each) => seen.get(group(each)) === false).map((each) => `no focus is seen on ${told(each)}`);
      before.focus({ preventScroll: true });
      return [...missed, ...hidden];
    },
  };
})();
