"""What a connection asks for and reads, as one table, made from what the sources declare.

Shown before consent (seeds Z33, L4), written into docs/permissions.md and into the metadata
package, so that none of them can differ from what is called.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from orgwarden.catalog.app_steps import JWT, WEB
from orgwarden.catalog.features import left_out, sources_for
from orgwarden.catalog.looks import LOOKS
from orgwarden.catalog.permissions import BY_NAME, label_of
from orgwarden.catalog.tiers import BASE_TITLE, BY_ID, TIERS
from orgwarden.core.source import Kind, Source

BASE = "base"


@dataclass(frozen=True, slots=True)
class Scope:
    """An OAuth scope, whether it is asked for, and the reason either way."""

    name: str
    title: str
    asked: bool
    words: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A user permission asked for. `brings` are labels of what Setup ticks with it."""

    name: str
    label: str
    tier: str  # id of the tier, or "base"
    tier_title: str
    about: str
    why: tuple[str, ...]  # titles of what needs it
    writes: bool
    without: tuple[str, ...]  # sentences: what goes dark if it is refused
    brings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Read:
    """An object that is read, with every field asked of it."""

    object: str
    title: str
    why: str
    tier: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class Off:
    """A source or tier that is off, and what is missing because of it."""

    title: str
    words: str


@dataclass(frozen=True, slots=True)
class Table:
    scopes: tuple[Scope, ...]
    permissions: tuple[Asked, ...]
    objects: tuple[Read, ...]
    never: tuple[Column, ...]
    off: tuple[Off, ...]

    @property
    def could_write(self) -> tuple[Asked, ...]:
        return tuple(p for p in self.permissions if p.writes)


NEVER: tuple[Column, ...] = (
    Column("OauthToken.AccessToken", "Other apps' tokens: never selected, whatever is opted in."),
    Column("OauthToken.RequestToken", "As above."),
    Column("OauthToken.DeleteToken", "Never by the collecting connection."),
    Column("Accounts, contacts, leads, cases …", "No business record is read."),
    Column("ContentVersion.VersionData", "No file's content is read."),
    Column("E-mails, chats and notes", "No message is read."),
    Column("Passwords and second factors", "Salesforce does not show them, and nothing asks."),
)


def permissions_table(
    features: Collection[str],
    tiers: Collection[str],
    web_scope: bool = False,
    flow: str = WEB,
) -> Table:
    """The table for one choice of features, tiers, the scope `web` and the sign-in way."""
    on = sources_for(features, tiers)
    return Table(
        scopes=_scopes(web_scope, flow),
        permissions=asked_of(on, tiers),
        objects=_objects(on, tiers),
        never=NEVER,
        off=_off(features, tiers),
    )


def _scopes(web_scope: bool, flow: str) -> tuple[Scope, ...]:
    browser = flow == WEB
    told = {
        WEB: "Lets the connection outlive the browser session in which you consent.",
        JWT: "The app must list it, or Salesforce refuses a user that an administrator approved."
        " No refresh token is made: each sign-in is signed anew.",
    }
    return (
        Scope(
            "api",
            "Manage user data via APIs",
            True,
            "Calls of REST and Bulk API 2.0 as the connected user, never more than that user may."
            " It covers chatter_api, the Connect REST API; that is not asked for by itself.",
        ),
        Scope(
            "refresh_token",
            "Perform requests at any time",
            browser or flow == JWT,
            told.get(flow, "Not asked for: a new token is asked for each time."),
        ),
        Scope(
            "web",
            "Manage user data via Web browsers",
            web_scope,
            "Opens pages in the browser as the connected user, your own Visualforce pages among"
            " them."
            + (" You have turned it on." if web_scope else " Off: nothing here needs a page."),
        ),
    )


def asked_of(sources: Iterable[Source], tiers: Collection[str]) -> tuple[Asked, ...]:
    """Each permission once, under the widest tier it is in: the base before the opt-ins."""
    why: dict[str, list[str]] = {}
    without: dict[str, list[str]] = {}
    tier_of: dict[str, str] = {}
    for source in sorted(sources, key=lambda s: bool(s.tier)):
        for need in source.needs:
            why.setdefault(need.permission, []).append(source.title)
            without.setdefault(need.permission, []).append(f"{source.title}: {need.without}.")
            tier_of.setdefault(need.permission, source.tier)
    for tier in TIERS:
        for name in tier.permissions if tier.id in tiers else ():
            if name not in why:
                why[name], without[name] = [tier.title], [f"{tier.title}: {tier.without}."]
            elif tier_of[name] != tier.id and tier.title not in why[name]:
                why[name].append(tier.title)
                without[name].append(f"{tier.title}: {tier.without}.")
            tier_of.setdefault(name, tier.id)
    return tuple(_asked(n, tier_of[n], why[n], without[n]) for n in why)


def _asked(name: str, tier: str, why: list[str], without: list[str]) -> Asked:
    known = BY_NAME[name]
    return Asked(
        name=name,
        label=known.label,
        tier=tier or BASE,
        tier_title=BY_ID[tier].title if tier else BASE_TITLE,
        about=known.about,
        why=tuple(why),
        writes=known.writes,
        without=tuple(dict.fromkeys(without)),
        brings=tuple(label_of(b) for b in known.brings),
    )


def _objects(sources: Iterable[Source], tiers: Collection[str]) -> tuple[Read, ...]:
    found = [
        Read(
            object=source.object,
            title=source.title,
            why=source.about,
            tier=source.tier or BASE,
            columns=(
                *(Column(f.name, f.meaning) for f in source.fields),
                *(
                    (Column("LogFile", "The file itself, with every column Salesforce logs."),)
                    if source.kind is Kind.LOG_FILES
                    else ()
                ),
            ),
        )
        for source in sources
    ]
    for look in LOOKS:
        if look.tier and look.tier not in tiers:
            continue
        columns = tuple(Column(name, "") for name in look.fields)
        found.append(Read(look.object, "Connection test", look.why, look.tier or BASE, columns))
    return tuple(found)


def _off(features: Collection[str], tiers: Collection[str]) -> tuple[Off, ...]:
    found = [
        Off(s.title, f"Not called: {BY_ID[s.tier].title} is not opted in to.")
        for s in left_out(features, tiers)
    ]
    found += [Off(t.title, f"Without it, {t.without}.") for t in TIERS if t.id not in tiers]
    return tuple(found)
