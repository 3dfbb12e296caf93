"""A browser page that notices every sign of an attack that ran, or of a page that breaks its own policy."""

from __future__ import annotations

from typing import Any, Final

from tests.e2e.conftest import Visit

WATCH: Final = """window.breaches = [];
addEventListener('securitypolicyviolation', e => breaches.push(`${e.violatedDirective} ${e.blockedURI}`));"""
# What an attack would have become had it been taken for markup, and links that run or lead away unguarded.
FOUND: Final = """() => {
  const own = location.origin, found = [...breaches];
  const say = (what, one) => found.push(`${what}: ${one.outerHTML.slice(0, 160)}`);
  for (const one of document.querySelectorAll('*'))
    for (const {name, value} of one.attributes) {
      if (name.startsWith('on')) say('handler', one);
      if (/^(href|src|action|formaction|xlink:href|data)$/.test(name) && /^\\s*(javascript|vbscript):/i.test(value))
        say('runs', one);
    }
  for (const one of document.querySelectorAll('script:not([src]):not([type="application/json"])')) say('script', one);
  for (const one of document.querySelectorAll('u#x, img[src="x"]')) say('markup', one);
  for (const one of document.querySelectorAll('a[href]'))
    if (/^https?:/.test(one.protocol) && one.origin !== own && one.matches('[href*="alert"]')) say('leads away', one);
  if (/a49z/.test(document.documentElement.outerHTML)) found.push('a template was rendered twice');
  return found;
}"""


class Watch:
    """One page of a browser that goes from view to view; what happened there that must not, is kept with its place."""

    def __init__(self, visit: Visit, *, is_owner: bool = True) -> None:
        self.visit, self.place = visit, ""
        if not is_owner:
            visit.session_key = "nobody"
        self.page = visit.page("/robots.txt")
        self.page.add_init_script(WATCH)
        self.page.on("dialog", self._dialog)
        self.found: list[str] = []

    def _dialog(self, dialog: Any) -> None:
        self.found.append(f"{self.place}: dialog {dialog.message}")
        dialog.dismiss()

    def see(self, *places: str, status: int = 200) -> None:
        for place in places:
            self.place = place
            answer = self.page.goto(self.visit.base + place)
            assert answer.status == status, place
            self.look()

    def look(self) -> None:
        self.found += [f"{self.place}: {one}" for one in self.page.evaluate(FOUND)]
        expected = "Failed to load resource: the server responded with a status of 40"
        told = [text for text in self.visit.complaints if not text.startswith(expected) or "(Bad" not in text]
        self.found += [f"{self.place}: {text}" for text in told if not self._is_own(text)]
        self.visit.complaints.clear()

    def _is_own(self, text: str) -> bool:
        """The browser's word on a page that is itself the 404."""
        return "404" in text and self.place.startswith("/no/")
