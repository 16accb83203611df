"""What external client apps may ask for.

Source: Tooling API, ExtlClntAppOauthSettings.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "external_client_app_scopes",
    "Scopes of external client apps",
    "Which scopes each external client app asks for.",
    "ExtlClntAppOauthSettings",
    (
        Field("MasterLabel", "What Setup calls it."),
        Field("DeveloperName", "API name."),
        Field("ExternalClientApplicationId", "The app."),
        Field("CommaSeparatedOauthScopes", "The scopes."),
    ),
    label=("MasterLabel", "DeveloperName"),
    needs=(Need("ViewSetup", "how far external client apps reach is dark"),),
    api="tooling",
    cadence=timedelta(days=1),
)
