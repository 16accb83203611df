"""Identity verification: who was asked for a second factor, why, and how it ended.

Several rows share an EventGroup: one verification, step by step. A status is success only when
Salesforce says so; one that is still going on is neither.
Source: Object Reference, VerificationHistory.
"""

from datetime import timedelta

from orgwarden.core.expr import Address, Column, Id18, Instant, Match, Text
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="verification_history",
    title="Identity verification",
    about="Every time somebody was asked to prove who they are: second factors, new devices.",
    kind=Kind.ROWS,
    object="VerificationHistory",
    fields=(
        Field("Id", "Id of the step."),
        Field("VerificationTime", "When.", time=True),
        Field("UserId", "Who was asked."),
        Field("VerificationMethod", "By what: authenticator, e-mail, text message, key …"),
        Field("Status", "How it ended: Succeeded, Denied, ReportedDenied, FailedInvalidCode …"),
        Field("Activity", "What the user was doing: signing in, exporting a report …"),
        Field("Policy", "The rule that asked."),
        Field("EventGroup", "Joins the steps of one verification."),
        Field("SourceIp", "The address it came from."),
        Field("LoginHistoryId", "The sign-in it belongs to."),
        Field("LoginGeo.CountryIso", "Country of the address, two letters."),
        Field("ResourceId", "The app or page that was asked for."),
        Field("Remarks", "What Salesforce adds in words."),
    ),
    normalised={
        "time": Instant(Column("VerificationTime")),
        "actor_id": Id18(Column("UserId")),
        "ip": Address(Column("SourceIp")),
        "country": Column("LoginGeo.CountryIso"),
        "action": Column("Activity"),
        "object": Text("User"),
        "target": Column("VerificationMethod"),
        "outcome": Match(
            Column("Status"),
            (
                ("succeeded", Text("success")),
                ("automatedsuccess", Text("success")),
                ("failed%", Text("failure")),
                ("%denied", Text("failure")),
            ),
        ),
        "session": Column("LoginHistoryId"),
    },
    lane="audit_trail",
    tier="sign_ins",
    cadence=timedelta(hours=1),
    cost="1 call a run, 1 more per 2,000 rows; a long backlog by Bulk, 1 call per 100,000 rows.",
    time_field="VerificationTime",
    backfill=timedelta(days=60),
    kept="not documented; what it still holds is read",
    needs=(Need("ManageUsers", "identity verifications are dark"),),
    extras=(("LoginGeo.CountryIso",),),
)
