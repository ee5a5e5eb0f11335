// One box ticks all of a page; what was ticked by hand can be taken off again.

for (const all of document.querySelectorAll("[data-tick-all]")) {
  const boxes = () => all.form.querySelectorAll(`input[name="${all.dataset.tickAll}"]`);
  all.addEventListener("change", () => {
    for (const box of boxes()) box.checked = all.checked;
  });
  all.form.addEventListener("change", (event) => {
    if (event.target.name === all.dataset.tickAll) all.checked = [...boxes()].every((box) => box.checked);
  });
}
