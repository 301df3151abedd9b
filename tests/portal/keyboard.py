"""A walk with the Tab key: each control is reached, its focus is seen, and never lost."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.async_api import Page as Tab

MOST_STEPS = 600
# Of radio buttons with one name the Tab key meets one; what is inside a closed part of the page waits.
_CONTROLS = """() => {
  const wanted = 'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex]';
  for (const one of document.querySelectorAll('[data-walk]')) delete one.dataset.walk;
  const groups = new Set();
  let number = 0;
  for (const one of document.querySelectorAll(wanted)) {
    if (one.disabled || one.tabIndex < 0 || !one.checkVisibility({checkOpacity: false})) continue;
    if (one.closest('[inert]') || getComputedStyle(one).visibility === 'hidden') continue;
    if (one.type === 'radio') {
      const group = `${one.form?.id}/${one.form?.action}/${one.name}`;
      if (groups.has(group)) continue;
      groups.add(group);
      one.dataset.walkGroup = group;
    }
    one.dataset.walk = String(++number);
  }
  return number;
}"""
_WHERE = """() => {
  const one = document.activeElement;
  if (!one || one === document.body || one === document.documentElement) return null;
  const lit = (node) => {
    if (!node) return false;
    const style = getComputedStyle(node);
    return (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1) || style.boxShadow !== 'none';
  };
  const label = one.labels?.[0];
  const box = one.getBoundingClientRect();
  const at = [[.5, .5], [.1, .1], [.9, .1], [.1, .9], [.9, .9]]
    .map(([x, y]) => document.elementFromPoint(box.left + box.width * x, box.top + box.height * y));
  const isMine = (hit) => hit && (one.contains(hit) || hit.contains(one) && hit !== document.body
    && hit !== document.documentElement || label?.contains(hit));
  let number = one.dataset.walk;
  if (!number && one.type === 'radio') {
    const group = `${one.form?.id}/${one.form?.action}/${one.name}`;
    number = document.querySelector(`[data-walk-group="${CSS.escape(group)}"]`)?.dataset.walk;
  }
  return {
    number: number ? Number(number) : 0,
    what: one.outerHTML.slice(0, 100),
    isLit: lit(one) || lit(label) || lit(one.nextElementSibling) || lit(one.parentElement),
    isSeen: at.some(isMine),
  };
}"""
# A page may have put the focus somewhere; from the body the next Tab leads to the first control.
_TO_THE_TOP = """() => {
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  scrollTo(0, 0);
}"""
_MISSED = """(reached) => [...document.querySelectorAll('[data-walk]')]
  .filter((one) => !reached.includes(Number(one.dataset.walk))).map((one) => one.outerHTML.slice(0, 100))"""


async def walk(tab: "Tab") -> list[str]:
    """Press Tab from the top to the end; returns what is wrong with the way."""
    count: int = await tab.evaluate(_CONTROLS)
    await tab.evaluate(_TO_THE_TOP)
    faults: list[str] = []
    reached: list[int] = []
    for _ in range(MOST_STEPS):
        await tab.keyboard.press("Tab")
        here: dict[str, Any] | None = await tab.evaluate(_WHERE)
        if here is not None and here["number"] and here["number"] == (reached or [0])[-1]:
            # A date is one control with a stop for each of its parts.
            continue
        if here is None or (here["number"] and here["number"] in reached):
            break
        reached.append(here["number"])
        if not here["isLit"]:
            faults.append(f"focus is not seen: {here['what']}")
        if not here["isSeen"]:
            faults.append(f"covered while it has the focus: {here['what']}")
    missed: list[str] = await tab.evaluate(_MISSED, reached)
    if len(reached) == MOST_STEPS:
        faults.append(f"no end after {MOST_STEPS} steps")
    return [*faults, *(f"not reached of {count}: {one}" for one in missed)]
