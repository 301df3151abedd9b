"""A walk with the Tab key: each control is reached, its focus is seen, and never lost."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Self

from tests.portal.window import Look

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

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
# Before the key does anything, the page tells where the key before it has led; then the keys need not wait for us.
_BEGIN = f"""() => {{
  // A page may have put the focus somewhere; from the body the next Tab leads to the first control.
  document.body.tabIndex = -1;
  document.body.focus();
  document.body.removeAttribute('tabindex');
  scrollTo(0, 0);
  window.whereTabLeads = {_WHERE};
  window.walked = [];
  if (!window.isWalkKept) addEventListener('keydown', () => walked.push(whereTabLeads()), true);
  window.isWalkKept = true;
}}"""
_WALKED = "() => [...walked.slice(1), whereTabLeads()]"
# Whoever looks at the page next sees it as if nobody had walked through it.
_REST = "() => { document.activeElement?.blur(); scrollTo(0, 0); }"
_MISSED = """(reached) => [...document.querySelectorAll('[data-walk]')]
  .filter((one) => !reached.includes(Number(one.dataset.walk))).map((one) => one.outerHTML.slice(0, 100))"""


@dataclass(slots=True)
class Way:
    """Where the presses led one after another: the numbers of the controls, and what was wrong at them."""

    reached: list[int] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    is_over: bool = False

    @classmethod
    def of(cls, stops: Sequence[dict[str, Any] | None]) -> Self:
        """Follow the stops until the focus leaves the page or begins anew."""
        way = cls()
        for here in stops:
            if here is not None and here["number"] and here["number"] == (way.reached or [0])[-1]:
                # A date is one control with a stop for each of its parts.
                continue
            if here is None or (here["number"] and here["number"] in way.reached):
                way.is_over = True
                break
            way.reached.append(here["number"])
            if not here["isLit"]:
                way.faults.append(f"focus is not seen: {here['what']}")
            if not here["isSeen"]:
                way.faults.append(f"covered while it has the focus: {here['what']}")
        return way


async def walk(look: Look) -> list[str]:
    """Press Tab from the top to the end; returns what is wrong with the way."""
    count: int = await look.tab.evaluate(_CONTROLS)
    await look.tab.evaluate(_BEGIN)
    way = Way()
    pressed = 0
    while not way.is_over and pressed < MOST_STEPS:
        # Once more than there are controls, to see the end; a date has a stop for each of its parts.
        step = count + 1 if not pressed else 10
        await _press_tab(look.devtools, step)
        pressed += step
        way = Way.of(await look.tab.evaluate(_WALKED))
    missed: list[str] = await look.tab.evaluate(_MISSED, way.reached)
    await look.tab.evaluate(_REST)
    if not way.is_over:
        way.faults.append(f"no end after {pressed} steps")
    return [*way.faults, *(f"not reached of {count}: {one}" for one in missed)]


async def _press_tab(devtools: "CDPSession", times: int) -> None:
    key = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
    strokes = [{"type": "rawKeyDown", **key}, {"type": "keyUp", **key}] * times
    await asyncio.gather(*(devtools.send("Input.dispatchKeyEvent", stroke) for stroke in strokes))
