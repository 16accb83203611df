"""Sign-ins as they are stored in real time, beside the sign-in history.

Source: Platform Events Developer Guide, LoginEvent.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Match, Text, first

SOURCE = stored_event(
    "login_events",
    "Sign-ins in real time",
    "Every sign-in with its place and the policy that judged it, seconds after it happened.",
    "LoginEvent",
    {
        "AdditionalInfo": "More about the sign-in, as JSON.",
        "ApiType": "Kind of API, for API sign-ins.",
        "ApiVersion": "Version of that API.",
        "Application": "The app or connected app.",
        "AuthMethodReference": "How an OpenID Connect provider authenticated the user.",
        "AuthServiceId": "The single sign-on or auth provider used.",
        "Browser": "Browser and version.",
        "CipherSuite": "Cipher suite of the connection.",
        "City": "City of the address, imprecise.",
        "ClientVersion": "Version of the client.",
        "Country": "Country of the address.",
        "CountryIso": "Country of the address, two letters.",
        "ForwardedForIp": "The address before proxies, as the client claims.",
        "HttpMethod": "GET or POST.",
        "LoginHistoryId": "The sign-in it belongs to.",
        "LoginLatitude": "Latitude, imprecise.",
        "LoginLongitude": "Longitude, imprecise.",
        "LoginSubType": "The OAuth flow or kind of browser sign-in.",
        "LoginType": "How: in the browser, by an app, by SAML …",
        "LoginUrl": "The host that was signed in to.",
        "NetworkId": "The Experience Cloud site, if one.",
        "Platform": "Operating system.",
        "PostalCode": "Postal code of the address.",
        "Status": "Success, or why it failed.",
        "Subdivision": "State or region of the address.",
        "TlsProtocol": "TLS version of the connection.",
        "UserType": "Kind of user.",
    },
    country=Column("CountryIso"),
    app=Column("Application"),
    client=Column("Browser"),
    action=first("LoginSubType", "LoginType", Text("Login")),
    object=Text("User"),
    target=Column("LoginUrl"),
    outcome=Match(Column("Status"), (("success", Text("success")), ("_%", Text("failure")))),
)
