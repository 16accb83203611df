"""Connected apps that are installed, and their policies. Apps that are only used are not here.

Source: Object Reference, ConnectedApplication.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "connected_applications",
    "Connected apps",
    "Apps installed in the org: who may use them and how long their tokens live.",
    "ConnectedApplication",
    (
        Field("Name", "Name of the app."),
        Field("OptionsAllowAdminApprovedUsersOnly", "Only users an administrator approved."),
        Field("OptionsRefreshTokenValidityMetric", "The refresh token's life is counted from use."),
        Field("RefreshTokenValidityPeriod", "How long a refresh token lives; empty: for ever."),
        Field("OptionsHasSessionLevelPolicy", "Asks for a high-assurance session."),
        Field("OptionsAppIssueJwtTokenEnabled", "Gives out JWT access tokens."),
        Field("OptionsTokenExchangeManageBitEnabled", "May exchange others' tokens."),
        Field("StartUrl", "Where it starts."),
    ),
    cadence=timedelta(hours=1),
    needs=(Need("ViewSetup", "installed apps and their policies are dark"),),
    extras=(
        ("OptionsAppIssueJwtTokenEnabled",),
        ("OptionsTokenExchangeManageBitEnabled",),
        ("OptionsHasSessionLevelPolicy",),
    ),
    audit=("deleteConnectedApplication",),
)
