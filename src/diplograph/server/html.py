"""HTML made of elements: text is escaped because it is text, so that nothing can be forgotten."""

from __future__ import annotations

import re
from html import escape

VOID = frozenset({"br", "hr", "img", "input", "link", "meta"})
_SAFE_LINK = re.compile(r"(?:https?://|/|\?|#|mailto:)", re.IGNORECASE)


class Markup(str):
    """Text that is HTML already; only `el` and `join` make it."""

    __slots__ = ()


Child = str | None | list["Child"]


def el(name: str, /, *children: Child, **attributes: str | bool | None) -> Markup:
    """Returns an element.

    Args:
        name: The element's name.
        children: Elements, text (escaped here), lists of both; None is left out.
        attributes: Values are escaped; a closing underscore (`class_`) is cut off, others become hyphens.
            None and
            False leave an attribute out. A link that is neither http(s) nor local loses its `href`.

    >>> el("p", "a < b", el("br"), class_="x")
    '<p class="x">a &lt; b<br></p>'
    """
    parts = [f"<{name}"]
    for key, value in attributes.items():
        if value is None or value is False:
            continue
        attribute = key.rstrip("_").replace("_", "-")
        if attribute in ("href", "src", "action") and isinstance(value, str) and not _SAFE_LINK.match(value):
            continue
        parts.append(f" {attribute}" if value is True else f' {attribute}="{escape(str(value))}"')
    parts.append(">")
    if name not in VOID:
        parts.extend((join(*children), f"</{name}>"))
    return Markup("".join(parts))


def join(*children: Child) -> Markup:
    """Returns children one after the other, text escaped."""
    parts: list[str] = []
    for child in children:
        if isinstance(child, list):
            parts.append(join(*child))
        elif child is not None:
            parts.append(child if isinstance(child, Markup) else escape(child))
    return Markup("".join(parts))


def document(title: str, *body: Child, root: str = "", alternates: list[Markup] | None = None) -> bytes:
    """Returns a whole page.

    Args:
        title: Its title.
        body: What stands between the navigation and the footer.
        root: The path under which the server is seen, without a closing slash.
        alternates: `link` elements for other formats.
    """
    navigation = [
        el("a", "Diplograph", href=f"{root}/", class_="name"),
        el("a", "Questions", href=f"{root}/questions"),
        el("a", "Articles", href=f"{root}/articles"),
        el("a", "Ontology", href=f"{root}/ontology"),
        el("a", "SPARQL", href=f"{root}/sparql"),
    ]
    head = el(
        "head",
        el("meta", charset="utf-8"),
        el("meta", name="viewport", content="width=device-width, initial-scale=1"),
        el("meta", name="color-scheme", content="light dark"),
        el("title", f"{title} · Diplograph"),
        el("link", rel="stylesheet", href=f"{root}/style.css"),
        el("link", rel="icon", href=f"{root}/icon.svg", type="image/svg+xml"),
        list(alternates or []),
    )
    page = el(
        "html",
        head,
        el(
            "body",
            el("a", "Skip to the content", href="#content", class_="skip"),
            el("header", el("nav", list(navigation), aria_label="Main")),
            el("main", el("h1", title), *body, id="content"),
            el("footer", el("p", "Every statement here says which passage it rests on. Data: CC BY 4.0.")),
        ),
        lang="en",
    )
    return f"<!doctype html>\n{page}\n".encode()
