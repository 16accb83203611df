"""What a tenant may opt in to beyond the base, because it reaches further into people or settings.

The base tier is always there and has no value here. A source says which tier it needs; one whose
tier was not opted in to is not called, and the tenant is marked partial.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tier:
    """One opt-in. `why` says what it is for, `without` what is missing when it is off (the end of
    a sentence), `permissions` which user permissions it adds to the base."""

    id: str
    title: str
    why: str
    without: str
    permissions: tuple[str, ...]


TIERS: tuple[Tier, ...] = (
    Tier(
        id="sign_ins",
        title="Sign-ins of all users",
        why="Shows who signed in from where and with which app, and every failed try.",
        without="sign-ins are dark: who signed in, from where and with which app is not seen",
        permissions=("ManageUsers",),
    ),
    Tier(
        id="tokens",
        title="Tokens of all users",
        why=("Shows which apps hold a token of which user. The tokens themselves are never read."),
        without="tokens are dark: which app may act for which user is not seen",
        permissions=("CustomizeApplication",),
    ),
    Tier(
        id="metadata",
        title="Metadata",
        why=(
            "Shows settings that only the Metadata API tells, such as those of passwords, sessions"
            " and sharing, and which apps are blocked."
        ),
        without="settings that only the Metadata API tells are dark, and tests of them unknown",
        permissions=("CustomizeApplication", "ModifyMetadata"),
    ),
    Tier(
        id="factors",
        title="Second factors of all users",
        why="Shows which kinds of second factors each user has, and who has none. No secret of a"
        " factor is read.",
        without="second factors are dark: who has none, or a weak one, is not seen",
        permissions=("TwoFactorApi",),
    ),
    Tier(
        id="packages",
        title="Installed packages",
        why="Shows every package in the org with its publisher, version and review; without it"
        " only packages with licences are seen.",
        without="packages without licences are dark, and so are publishers and versions",
        permissions=("InstallPackaging",),
    ),
    Tier(
        id="real_time",
        title="Real-time events",
        why=(
            "Shows what Event Monitoring stores in real time: queries, reports, files and findings"
            " of threats, minutes after they happened. It needs Salesforce's licence for that."
        ),
        without="stored real-time events are dark, and log files tell the same hours later",
        permissions=("ViewRealTimeEventMonitoringData",),
    ),
    Tier(
        id="files",
        title="Public links and shared files",
        why="Shows public links to everybody's files, visits of them, and with whom such files are"
        " shared. Names are read, never a file. Salesforce ties Query All Files to View All Data.",
        without="public links are dark: which files strangers can open is not seen",
        permissions=("QueryAllFiles",),
    ),
)
TIER_IDS: tuple[str, ...] = tuple(t.id for t in TIERS)
BY_ID = {t.id: t for t in TIERS}
BASE_TITLE = "Base"
