"""What the templates print with: times, icons, states. Nothing here decides anything."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from orgwarden.web import words

register = template.Library()


@register.simple_tag
def when(at: datetime | None, never: str = "never") -> str | SafeString:
    """A time as an age with the absolute time on hover; the script keeps it moving and puts the
    hover into the reader's zone."""
    if at is None:
        return never
    return format_html(
        '<time datetime="{}" title="{}" data-age>{}</time>',
        at.astimezone(UTC).isoformat(),
        words.absolute(at),
        words.ago(at, timezone.now()),
    )


@register.simple_tag
def lasting(since: datetime) -> SafeString:
    """How long something has gone on, `for 9 hours`, with the time it began on hover."""
    return format_html(
        'for <time datetime="{}" title="{}" data-span>{}</time>',
        since.astimezone(UTC).isoformat(),
        words.absolute(since),
        words.span(timezone.now() - since),
    )


@register.simple_tag
def clock(at: datetime | None, to: str = "second") -> str | SafeString:
    """A time to the second, for rows that are compared, or to the minute, for an axis; UTC until
    the script knows the zone."""
    if at is None:
        return ""
    at = at.astimezone(UTC)
    return format_html(
        '<time datetime="{}" title="{}" data-clock="{}">{} {}</time>',
        at.isoformat(),
        words.absolute(at),
        to,
        words.day(at),
        f"{at:%H:%M:%S}" if to == "second" else f"{at:%H:%M}",
    )


@register.simple_tag
def breakable(text: str) -> SafeString:
    """A name of parts, such as `org:connection:edited`, that may break after each part."""
    return format_html_join("", "{}<wbr>", ((part,) for part in re.findall(r"[^:]*:|[^:]+", text)))


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """One icon of the sprite. Without a label it is decoration and hidden from screen readers."""
    sprite = f"{static('vendor/icons/sprite.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="icon {}" role="img" aria-label="{}"><use href="{}"/></svg>',
            extra,
            label,
            sprite,
        )
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}"/></svg>',
        extra,
        sprite,
    )


@register.simple_tag
def day_cells(cells: Iterable[Any]) -> SafeString:
    """The days of one source as cells of a table: many, so made in one go."""
    return format_html_join(
        "",
        '<td class="c-{}" title="{}"><span class="vh">{}</span></td>',
        ((c.state, c.words, c.words) for c in cells),
    )


@register.filter
def times(value: Any, factor: int) -> float:
    """A position in a drawing: the n-th step of a given width."""
    return float(value) * factor


@register.filter
def json_text(value: Any) -> str:
    """JSON for an attribute; the template escapes it."""
    return json.dumps(value)


@register.filter
def number(value: Any) -> str:
    """12,400."""
    return f"{value:,}"
