"""Judgements about the connected user: language, boxes, whose account it is."""

from __future__ import annotations

from orgwarden.catalog.preflight.facts import Facts, Line, NotRead, Verdict, unknown

ADMINISTRATOR = "System Administrator"


def language(facts: Facts) -> Line:
    id, title, probe = "language", "Language of the user", "ours"
    if isinstance(facts.user, NotRead):
        return unknown(id, title, facts.user, probe)
    said = str(facts.user.get("LanguageLocaleKey") or "")
    if not said:
        return unknown(id, title, NotRead("Salesforce does not say."), probe)
    if said.lower().startswith("en"):
        return Line(id, title, Verdict.PASS, f"{said}: names and texts come in English.", "", probe)
    return Line(
        id, title, Verdict.WARN,
        f"{said}: Salesforce writes some texts, such as those of the audit trail, in the user's"
        " language. Nothing is decided from such a text, but rules of yours may be.",
        "In Setup, Users, edit the user, Locale Settings, set Language to English.", probe,
    )  # fmt: skip


def content_user(facts: Facts) -> Line:
    id, title, probe = "content_user", "Salesforce CRM Content User", "ours"
    if isinstance(facts.user, NotRead):
        return unknown(id, title, facts.user, probe)
    ticked = facts.user.get("UserPermissionsSFContentUser")
    if ticked is True:
        return Line(id, title, Verdict.PASS, "The box is ticked.", "", probe)
    fix = "In Setup, Users, edit the user, tick Salesforce CRM Content User and save."
    setting = facts.setting("ContentSettings")
    if not isinstance(setting, NotRead) and isinstance(setting.get("enableContent"), bool):
        in_use, known = setting["enableContent"] is True, True
    elif isinstance(facts.libraries, NotRead):
        in_use, known = False, False
    else:
        in_use, known = facts.libraries > 0, facts.libraries > 0
    if ticked is None or not known:
        # Without the box libraries are not shown, so none seen does not say that there is none.
        words = "The box is not ticked, and whether the org uses CRM Content could not be read."
        return Line(id, title, Verdict.UNKNOWN, words, fix, probe)
    if in_use:
        words = "The org uses CRM Content and the box is not ticked: its libraries stay dark."
        return Line(id, title, Verdict.WARN, words, fix, probe)
    words = "Not ticked, and not needed: CRM Content is not in use."
    return Line(id, title, Verdict.PASS, words, "", probe)


def service_account(facts: Facts) -> Line:
    id, title, probe = "service_account", "An account of its own", "ours"
    if isinstance(facts.page_sign_ins, NotRead):
        return unknown(id, title, facts.page_sign_ins, probe)
    if facts.page_sign_ins:
        newest = facts.page_sign_ins[0][:16].replace("T", " ")
        return Line(
            id, title, Verdict.WARN,
            f"A person signs in to pages with this account, last on {newest} UTC."
            " Then the person's leave, password or language changes the connection.",
            "Create a user for this connection alone, give it API Only User, and connect again.",
            probe,
        )  # fmt: skip
    words = "No sign-in to pages with this account in 30 days."
    return Line(id, title, Verdict.PASS, words, "", probe)


def administrator(facts: Facts) -> Line:
    id, title, probe = "administrator", "Not a System Administrator", "ours"
    if isinstance(facts.user, NotRead):
        return unknown(id, title, facts.user, probe)
    profile = str(_in(facts.user, "Profile", "Name"))
    every = not isinstance(facts.held, NotRead) and {"ModifyAllData", "ManageUsers"} <= facts.held
    if profile != ADMINISTRATOR and not every:
        if isinstance(facts.held, NotRead):
            return unknown(id, title, facts.held, probe)
        return Line(id, title, Verdict.PASS, f"The profile is {profile}.", "", probe)
    who = f"The profile is {profile}" if profile == ADMINISTRATOR else "It may change all data"
    accepted = " A person accepted that." if facts.administrator_accepted else ""
    return Line(
        id, title, Verdict.WARN,
        f"{who}: whoever steals this connection owns the org.{accepted}",
        "Connect with a user that holds only what the table of permissions asks for.", probe,
    )  # fmt: skip


def _in(row: object, *path: str) -> object:
    for name in path:
        row = row.get(name) if isinstance(row, dict) else None
    return "" if row is None else row


def profile_of(facts: Facts) -> str:
    return "" if isinstance(facts.user, NotRead) else str(_in(facts.user, "Profile", "Name"))


def licence_of(facts: Facts) -> tuple[str, str]:
    """Name and definition key of the user licence; empty where it could not be read."""
    if isinstance(facts.user, NotRead):
        return "", ""
    name = str(_in(facts.user, "Profile", "UserLicense", "Name"))
    return name, str(_in(facts.user, "Profile", "UserLicense", "LicenseDefinitionKey"))


def licence_id(facts: Facts) -> str:
    return (
        "" if isinstance(facts.user, NotRead) else str(_in(facts.user, "Profile", "UserLicenseId"))
    )
