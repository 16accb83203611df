"""The steps an administrator of the org follows for each sign-in way, as sentences."""

from __future__ import annotations

JWT = "jwt-bearer"
CC = "client-credentials"
WEB = "web-server"

_USER = (
    "In Setup, Users, make a user for this connection alone, with a Salesforce licence if you can:"
    " the table in docs/permissions.md says what works with which licence. Not a person's account"
    " and not a System Administrator."
)
_DEPLOY = (
    "Unzip the package and deploy it: sf project deploy start --metadata-dir metadata --target-org"
    " your-org. Or, in a project: copy source/force-app and deploy that. If Salesforce names a"
    " further permission that one of them depends on, add that one only."
)
_SETS = (
    "In Setup, Permission Sets, assign each set of the package to that user. Leave out a tier you"
    " do not want: what it reads then stays dark, and all else works."
)
_LATER = "Wait up to ten minutes: Salesforce says changes to an app take that long to be seen."
_DOMAIN = (
    "Copy the org's My Domain address from Setup, My Domain: https://….my.salesforce.com. The"
    " addresses login.salesforce.com and test.salesforce.com do not do."
)
_KEY = (
    "In Setup, External Client App Manager, open Orgwarden, Settings, OAuth Settings, Consumer Key"
    " and Secret. Salesforce asks you to verify who you are."
)
_ADDRESSES = (
    "In the app's policies, OAuth, enter the addresses of addresses.txt in the Refresh Token IP"
    " Allowlist, if your org shows one. No field of the Metadata API for it is known, so the"
    " package cannot."
)


def steps(flow: str) -> tuple[str, ...]:
    """The steps in order. The addresses, key and certificate are shown beside them."""
    if flow == JWT:
        return (
            _USER,
            _DEPLOY,
            _SETS,
            "The package holds the certificate shown here; the private key never leaves Orgwarden."
            " To do it by hand: in the app's settings, Flow Enablement, tick Enable JWT Bearer Flow"
            " and upload the certificate.",
            _LATER,
            f"{_KEY} Copy the consumer key; the secret is not needed.",
            _DOMAIN,
            "Enter the address, the consumer key and the user's username.",
        )
    if flow == CC:
        return (
            _USER,
            _DEPLOY,
            _SETS,
            "In the app's policies, OAuth, tick Enable Client Credentials Flow and set the user"
            " under Run As, unless the package was made with that username. Keep Require Secret for"
            " Web Server Flow and for Refresh Token Flow as they are: neither flow is used.",
            "The callback address in the app is a placeholder; nothing is ever sent to it.",
            _LATER,
            f"{_KEY} Copy both. They are sealed as soon as you enter them, and never shown again.",
            _DOMAIN,
            "Enter a display name, the address, the consumer key and the consumer secret.",
        )
    if flow == WEB:
        return (
            _USER,
            _DEPLOY,
            _SETS,
            _ADDRESSES,
            _LATER,
            f"{_KEY} Copy both.",
            _DOMAIN,
            "Enter the address, the consumer key and the consumer secret, and go on to Salesforce."
            " Sign in as the user of this connection: Salesforce asks for its second factor, and"
            " for one that cannot be phished if the user is an administrator. Then press Allow.",
        )
    raise ValueError(f"there is no sign-in way {flow}")
