"""Whether a page can be worked by keyboard: what Tab reaches, and whether one sees where one is."""

from __future__ import annotations

from playwright.sync_api import Page

# Everything that can be operated and seen. One of a group of radio buttons is enough: arrows move
# inside. Each gets a number, and how it looks while it is not focused is kept.
_MARK = """() => {
  const seen = e => e.checkVisibility({visibilityProperty: true, opacityProperty: false})
    && e.getClientRects().length > 0 && !e.closest('[inert]');
  const all = [...document.querySelectorAll(
    'a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]')];
  const look = e => { const s = getComputedStyle(e);
    return [s.outlineStyle, s.outlineWidth, s.outlineColor, s.boxShadow, s.borderColor,
            s.backgroundColor, s.textDecorationLine, s.color].join('|'); };
  window.__look = look;
  document.activeElement && document.activeElement.blur();
  const groups = new Set();
  let n = 0;
  for (const e of all) {
    if (e.disabled || e.tabIndex < 0 || !seen(e)) continue;
    if (e.type === 'radio') {
      const key = (e.form ? [...document.forms].indexOf(e.form) : '') + e.name;
      const group = [...document.getElementsByName(e.name)].filter(r => r.form === e.form);
      const chosen = group.find(r => r.checked);
      if (groups.has(key) || (chosen && chosen !== e)) continue;
      groups.add(key);
    }
    e.dataset.keyboard = n++;
    e.__calm = look(e);
  }
  return n;
}"""
# A focus ring that fades in would not be there yet. A sheet made by script is not inline style.
_STILL = """() => { const still = new CSSStyleSheet();
  still.replaceSync('* { transition: none !important; animation: none !important }');
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, still]; }"""
_WHERE = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const label = e.closest('label') || (e.labels && e.labels[0]);
  const around = label ? getComputedStyle(label).outlineStyle !== 'none' : false;
  return {n: e.dataset.keyboard === undefined ? -1 : Number(e.dataset.keyboard),
          shown: e.__calm === undefined || window.__look(e) !== e.__calm || around,
          what: e.outerHTML.slice(0, 120)};
}"""
_MISSED = """reached => [...document.querySelectorAll('[data-keyboard]')]
  .filter(e => !reached.includes(Number(e.dataset.keyboard)))
  .map(e => e.outerHTML.slice(0, 120))"""


def faults(page: Page) -> list[str]:
    """What Tab does not reach, and where the focus cannot be seen."""
    page.evaluate(_STILL)
    count = int(page.evaluate(_MARK))
    reached: list[int] = []
    unseen: list[str] = []
    for _ in range(count + 12):  # browsers add stops of their own, such as a table that scrolls
        page.keyboard.press("Tab")
        found = page.evaluate(_WHERE)
        if found is None:
            if len(set(reached)) >= count:
                break
            continue
        if found["n"] >= 0 and found["n"] not in reached:
            reached.append(found["n"])
            if not found["shown"]:
                unseen.append(f"the focus cannot be seen: {found['what']}")
    missed = [f"Tab does not reach: {what}" for what in page.evaluate(_MISSED, reached)]
    return missed + unseen
