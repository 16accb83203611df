"""What administrators demand of external client apps: who may use them, from where, how long.

Source: Tooling API, ExtlClntAppOauthPlcyCnfg.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "external_client_app_policies",
    "Policies of external client apps",
    "Who may use each external client app, from which addresses, and how long its tokens live.",
    "ExtlClntAppOauthPlcyCnfg",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        Field("ExternalClientApplicationId", "The app."),
        Field("PermittedUsersPolicyType", "Everybody, or only users an administrator approved."),
        Field("IpRelaxationPolicyType", "Whether the login addresses of users are enforced."),
        Field("IsClientCredentialsFlowEnabled", "It may act with nobody signed in."),
        Field("ClientCredentialsFlowUserId", "As whom it then acts."),
        Field("RefreshTokenPolicyType", "How long a refresh token lives."),
        Field("RefreshTokenValidityPeriod", "That time."),
        Field("RefreshTokenValidityUnit", "The unit of that time."),
        Field("RequiredSessionLevel", "The session it asks for."),
        Field("SessionTimeoutInMinutes", "How long a session lives."),
    ),
    label=("MasterLabel", "DeveloperName"),
    needs=(Need("ViewSetup", "policies of external client apps are dark"),),
    cadence=timedelta(hours=6),
    api="tooling",
)
