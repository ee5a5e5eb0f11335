// What is drawn again every few seconds, under the hands of somebody who goes over it by keyboard.

function takePlace(before, child) {
  const isThere = before.contains(document.activeElement);
  before.replaceWith(child);
  if (isThere) child.querySelector("a, button")?.focus({ preventScroll: true });
}

/** `children` stand in `parent`: those that are as before stay, and the focus stays where it was also in the others. */
export function redraw(parent, children) {
  for (const [at, child] of children.entries()) {
    const before = parent.children[at];
    if (!before) parent.append(child);
    else if (before.outerHTML !== child.outerHTML) takePlace(before, child);
  }
  while (parent.children.length > children.length) parent.lastElementChild.remove();
}
