"""Addresses from which a user has proved who they are, so that Salesforce does not ask again.

Source: Object Reference, LoginIp.
"""

from dataclasses import replace
from datetime import timedelta

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.expr import Address, Column, Id18
from orgwarden.core.source import Field, Need

_WHOLE = whole(
    "login_ips",
    "Known addresses",
    "Addresses Salesforce knows of a user, from which it asks for no second proof.",
    "LoginIp",
    (
        Field("UsersId", "The user."),
        Field("SourceIp", "The address."),
        Field("IsAuthenticated", "The user has proved who they are from there."),
        Field("ChallengeMethod", "By what: e-mail, text message …"),
    ),
    stamped=stamps("CreatedDate"),
    label=("SourceIp",),
    cadence=timedelta(days=1),
    needs=(Need("ManageUsers", "addresses known of users are dark"),),
    tier="sign_ins",
)
SOURCE = replace(
    _WHOLE,
    normalised={
        **_WHOLE.normalised,
        "actor_id": Id18(Column("UsersId")),
        "ip": Address(Column("SourceIp")),
    },
)
