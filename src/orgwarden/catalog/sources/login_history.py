"""Sign-ins to the org, failed ones included, with the place Salesforce guessed.

Salesforce keeps six months. Only LoginTime may be relied on in a filter, there is no CreatedDate,
and rows can appear some seconds late, so windows go by LoginTime with an overlap.
Source: Object Reference, LoginHistory and LoginGeo.
"""

from datetime import timedelta

from orgwarden.core.expr import Address, Column, Id18, Instant, Match, Text, first
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="login_history",
    title="Sign-ins",
    about="Every attempt to sign in: people, integrations and apps, successful or not.",
    kind=Kind.ROWS,
    object="LoginHistory",
    fields=(
        Field("Id", "Id of the attempt."),
        Field("UserId", "The user it was for."),
        Field("LoginTime", "When.", time=True),
        Field("LoginType", "How: in the browser, by an app (Remote Access 2.0), by SAML …"),
        Field("LoginSubType", "The OAuth flow or kind of browser sign-in."),
        Field("LoginUrl", "The host that was signed in to."),
        Field("SourceIp", "The address it came from."),
        Field("ForwardedForIp", "The address before proxies, as the client claims."),
        Field("CountryIso", "Country of the address, two letters."),
        Field("Status", "Success, or why it failed, in the org's language."),
        Field("Application", "The app or connected app."),
        Field("Browser", "Browser and version."),
        Field("Platform", "Operating system."),
        Field("ClientVersion", "Version of the client."),
        Field("ApiType", "Kind of API, for API sign-ins."),
        Field("ApiVersion", "Version of that API."),
        Field("AuthenticationServiceId", "The single sign-on or auth provider used."),
        Field("AuthMethodReference", "How an OpenID Connect provider authenticated the user."),
        Field("NetworkId", "The Experience Cloud site, if one."),
        Field("TlsProtocol", "TLS version of the connection."),
        Field("CipherSuite", "Cipher suite of the connection."),
        Field("OptionsIsGet", "The sign-in was an HTTP GET."),
        Field("OptionsIsPost", "The sign-in was an HTTP POST."),
        Field("LoginGeoId", "The row of the guessed place."),
        Field("LoginGeo.City", "City of the address, imprecise."),
        Field("LoginGeo.Subdivision", "State or region of the address."),
        Field("LoginGeo.Country", "Country of the address."),
        Field("LoginGeo.PostalCode", "Postal code of the address."),
        Field("LoginGeo.Latitude", "Latitude, imprecise."),
        Field("LoginGeo.Longitude", "Longitude, imprecise."),
    ),
    normalised={
        "time": Instant(Column("LoginTime")),
        "actor_id": Id18(Column("UserId")),
        "ip": Address(Column("SourceIp")),
        "country": Column("CountryIso"),
        "app": Column("Application"),
        "client": Column("Browser"),
        "action": first("LoginSubType", "LoginType"),
        "object": Text("User"),
        "target": Column("LoginUrl"),
        "outcome": Match(Column("Status"), (("success", Text("success")), ("_%", Text("failure")))),
        "session": Column("Id"),
    },
    lane="sign_ins",
    tier="sign_ins",
    cadence=timedelta(minutes=15),
    cost="1 call a run, 1 more per 2,000 rows; a long backlog by Bulk, 1 call per 100,000 rows.",
    time_field="LoginTime",
    backfill=timedelta(days=60),
    kept="6 months",
    kept_for=timedelta(days=181),
    needs=(
        Need(
            "ManageUsers",
            "only the connected user's own sign-ins are visible",
            silent=True,
            instead=("ManageInternalUsers", "ManageCssUsers"),
        ),
        Need("ApiEnabled", "nothing can be read at all"),
    ),
    extras=(
        (
            "LoginGeoId",
            "LoginGeo.City",
            "LoginGeo.Subdivision",
            "LoginGeo.Country",
            "LoginGeo.PostalCode",
            "LoginGeo.Latitude",
            "LoginGeo.Longitude",
        ),
        ("ForwardedForIp", "AuthMethodReference"),
    ),
)
