"""Which kinds of second factors people have registered; never a secret of one.

Salesforce shows one row for each user who has any. Source: Object Reference, TwoFactorMethodsInfo.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import UNSTAMPED, whole
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Plain

SOURCE = whole(
    "second_factors",
    "Second factors",
    "Which kinds of second factors each user has registered.",
    "TwoFactorMethodsInfo",
    (
        Field("UserId", "The user."),
        Field("HasSalesforceAuthenticator", "The Salesforce Authenticator app."),
        Field("HasTotp", "Another app that makes codes."),
        Field("HasSecurityKey", "A security key (WebAuthn)."),
        Field("HasU2F", "A security key of the older kind."),
        Field("HasBuiltInAuthenticator", "The device's own: fingerprint, face."),
        Field("HasTempCode", "A temporary code from an administrator."),
        Field("HasUserVerifiedEmailAddress", "An e-mail address the user proved."),
        Field("HasUserVerifiedMobileNumber", "A mobile number the user proved."),
        Field("HasVerifiedMobileNumber", "A mobile number somebody proved."),
    ),
    stamped=UNSTAMPED,
    label=("UserId",),
    needs=(Need("TwoFactorApi", "who has which second factor is dark"),),
    identity=("UserId",),
    how=Plain(order=("UserId",)),
    extras=(("HasSecurityKey",), ("HasU2F",), ("HasBuiltInAuthenticator",), ("HasTempCode",)),
    audit=("%TwoFactorInfo%",),
    cadence=timedelta(hours=6),
    tier="factors",
)
