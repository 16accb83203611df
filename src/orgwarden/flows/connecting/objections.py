"""Objections: what speaks against keeping a grant that works, before it is stored.

What only a person can judge may be accepted; another org, the wrong kind and another user may not.
"""

from __future__ import annotations

from dataclasses import dataclass

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.proof import Found
from orgwarden.records.models import Org


@dataclass(frozen=True)
class Objection:
    """What speaks against storing a grant. `may_accept`: a person may do so all the same."""

    code: str
    what: str
    fix: str
    may_accept: bool = False

    def as_problem(self) -> NeedsPerson:
        return NeedsPerson(self.what, fix=self.fix, code=self.code)


def objections(asked: Asked, found: Found) -> tuple[Objection, ...]:
    """Everything that speaks against storing, what cannot be accepted first."""
    org = Org.objects.filter(key=asked.org_key).first() if asked.org_key else None
    other = Org.objects.filter(salesforce_id=found.organization_id).first()
    found_all = []
    if org is not None and org.salesforce_id and org.salesforce_id != found.organization_id:
        found_all.append(Objection(
            "OTHER_ORG",
            f"This is another org: {found.organization_id}, and {org.name} is {org.salesforce_id}.",
            "Sign in to the same org. If the sandbox was refreshed, delete the tenant and add it"
            " again.",
        ))  # fmt: skip
    if asked.is_new and other is not None:
        found_all.append(Objection(
            "SAME_ORG",
            f"This org is connected already, as {other.name}.",
            f"Reconnect or edit {other.name}, or accept that both collect and use its API calls.",
            may_accept=True,
        ))  # fmt: skip
    if asked.environment and found.is_sandbox is not None:
        sandbox = asked.environment == Org.Environment.SANDBOX
        if found.is_sandbox != sandbox:
            kinds = ("production", "a sandbox")
            found_all.append(Objection(
                "ENVIRONMENT",
                f"This org is {kinds[found.is_sandbox]}, and {kinds[sandbox]} was chosen.",
                "Start again with the right kind and its My Domain address.",
            ))  # fmt: skip
    if asked.username and asked.username.casefold() != found.username.casefold():
        found_all.append(Objection(
            "OTHER_USER",
            f"Salesforce signed in {found.username}, and {asked.username} was intended.",
            "Set the intended user as the app's run-as user, or sign in as that user.",
        ))  # fmt: skip
    elif org is not None and org.connected_user not in ("", found.username):
        found_all.append(Objection(
            "NEW_USER",
            f"Salesforce signed in {found.username}; before, {org.connected_user} collected.",
            "Sign in as the user before, or accept the new one: what it may not see goes dark.",
            may_accept=True,
        ))  # fmt: skip
    if found.administrator and not asked.administrator:
        found_all.append(Objection(
            "ADMINISTRATOR",
            f"{found.username} is an administrator: its grant could change everything in the org.",
            "Use a dedicated integration user with the permission set of the metadata package, or"
            " accept it.",
            may_accept=True,
        ))  # fmt: skip
    found_all += [
        Objection("UNKNOWN", words, "Check it in Salesforce, then accept it.", may_accept=True)
        for words in found.unknown
    ]
    return tuple(sorted(found_all, key=lambda o: o.may_accept))
