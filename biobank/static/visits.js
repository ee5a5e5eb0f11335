// A code that came as fast as only a scanner types need not be keyed a second time.

const A_SCANNER_NEEDS_MS = 50;

function watch(flag) {
  const form = flag.form;
  const code = flag.parentElement.querySelector("input:not([type=hidden])");
  const again = form.elements[`${code.name}_again`];
  let begunAt = 0;
  code.addEventListener("keydown", (event) => {
    if (code.value === "") begunAt = event.timeStamp;
    if (event.key !== "Enter" && event.key !== "Tab") {
      flag.value = "";
      again.required = true;
      return;
    }
    if (begunAt === 0) return; // nothing was typed since the page came; what it says of the code stands
    const scanned = code.value.length > 3 && event.timeStamp - begunAt < A_SCANNER_NEEDS_MS * code.value.length;
    flag.value = scanned ? "yes" : "";
    again.required = !scanned;
  });
}

for (const flag of document.querySelectorAll("[data-scanned-flag]")) watch(flag);
