"""What can be seen of a page in a browser: findings as sentences, none where all is well."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.async_api import Page as Tab

AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
# WCAG 2.2 A and AA, and what axe holds to be good practice.
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# A hundredth: nothing that anybody would see (a tenth is what web.dev calls good); a late font moves a word by a hair.
STILL = 0.01
# All that another theme can change.
COLOURS = ["color-contrast", "link-in-text-block"]

_AXE_RUN = """async (only) => {
  const options = {resultTypes: ['violations'], preload: false, runOnly: only, rules: {'target-size': {enabled: true}}};
  if (only.type === 'rule') delete options.rules;
  const found = (await axe.run(document, options)).violations;
  return found.flatMap((one) => one.nodes.map((node) =>
    `${one.id}: ${node.target.join(' ')} ${node.html.slice(0, 100)} — ${node.failureSummary.slice(0, 300)}`));
}"""
_IDENTITY = """() => {
  const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
  return {
    language: document.documentElement.lang,
    title: document.title.replace(/\\s+/g, ' ').trim(),
    headings: [...document.querySelectorAll('h1')].map((one) => one.innerText.replace(/\\s+/g, ' ').trim()),
    twice: ids.filter((one, place) => ids.indexOf(one) !== place),
  };
}"""
# What moved by itself after the first paint (CLS); a change that a person asked for does not count.
_SHIFTS = """() => new Promise((done) => {
  let total = 0;
  const moved = [];
  const watch = (entries) => {
    for (const entry of entries) {
      if (entry.hadRecentInput) continue;
      total += entry.value;
      moved.push(...entry.sources.map((one) => one.node?.outerHTML?.slice(0, 80) ?? '?'));
    }
  };
  const observer = new PerformanceObserver((list) => watch(list.getEntries()));
  observer.observe({type: 'layout-shift', buffered: true});
  setTimeout(() => { watch(observer.takeRecords()); done([total, moved]); }, 100);
})"""
# Read as a browser without a script reads it: nothing runs in it, and what stands in `noscript` is there.
_FORMS = """(html) => {
  const faults = [];
  const page = new DOMParser().parseFromString(html, 'text/html');
  if (page.querySelectorAll('h1').length !== 1) faults.push('not one heading');
  for (const form of page.querySelectorAll('form')) {
    if (!form.getAttribute('method') || !form.getAttribute('action')) {
      faults.push(`form without action or method: ${form.outerHTML.slice(0, 120)}`);
    }
  }
  for (const button of page.querySelectorAll('button')) {
    // A definition shows itself when its button has the focus: the style sheet does it.
    if (button.form || button.hidden || button.closest('[hidden], template, .tip')) continue;
    faults.push(`button that only a script can answer: ${button.outerHTML.slice(0, 120)}`);
  }
  return faults;
}"""


async def axe(tab: "Tab", *, only_colours: bool = False) -> list[str]:
    """What axe finds; the script comes by the browser's own tools, past the page's policy."""
    if not await tab.evaluate("() => 'axe' in window"):
        await tab.evaluate(AXE)
    chosen = {"type": "rule", "values": COLOURS} if only_colours else {"type": "tag", "values": TAGS}
    found: list[str] = await tab.evaluate(_AXE_RUN, chosen)
    return found


async def identity(tab: "Tab", language: str) -> list[str]:
    """One heading, a title that begins with it, the right language, and no id twice."""
    seen: dict[str, Any] = await tab.evaluate(_IDENTITY)
    faults = []
    if seen["language"] != language:
        faults.append(f"the page says it is in {seen['language']!r}")
    if len(seen["headings"]) != 1:
        faults.append(f"h1: {seen['headings']}")
    elif not seen["title"].startswith(seen["headings"][0]):
        faults.append(f"the title {seen['title']!r} does not begin with the heading {seen['headings'][0]!r}")
    if seen["twice"]:
        faults.append(f"ids that stand twice: {seen['twice']}")
    return faults


async def shifts(tab: "Tab") -> list[str]:
    """What moved after the first paint."""
    total, moved = await tab.evaluate(_SHIFTS)
    return [f"moved by {total:.4f}: {moved}"] if total > STILL else []


async def overflow(tab: "Tab") -> list[str]:
    """Whether the page is wider than the window."""
    wide, window = await tab.evaluate("() => [document.documentElement.scrollWidth, innerWidth]")
    return [f"{wide} px wide in a window of {window} px"] if wide > window else []


async def forms_of(tab: "Tab", html: str) -> list[str]:
    """Forms and buttons of a page as it was sent that do nothing without a script."""
    found: list[str] = await tab.evaluate(_FORMS, html)
    return found


def strangers(addresses: list[str], home: str) -> list[str]:
    """Requests that went to another host."""
    return [one for one in addresses if urlsplit(one).netloc != urlsplit(home).netloc and not one.startswith("data:")]
