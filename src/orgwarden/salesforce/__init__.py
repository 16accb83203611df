"""The only package that talks to Salesforce."""

from orgwarden.salesforce.address import Address, canonical
from orgwarden.salesforce.answers import Field, Limit, Page
from orgwarden.salesforce.bulk import BulkPage, BulkResult
from orgwarden.salesforce.client import TOGETHER, Client
from orgwarden.salesforce.download import Download
from orgwarden.salesforce.errors import (
    CursorGone,
    DailyLimitReached,
    TooManyAtOnce,
    problem_from,
)
from orgwarden.salesforce.http import Transport
from orgwarden.salesforce.metadata import list_components, read_components, read_metadata
from orgwarden.salesforce.oauth import (
    Identity,
    Tokens,
    authorize_url,
    callback_problem,
    client_credentials,
    exchange_code,
    identity,
    jwt_bearer,
    new_verifier,
    refresh,
    revoke,
)
from orgwarden.salesforce.ports import Credentials, Meter
from orgwarden.salesforce.secret import Secret
from orgwarden.salesforce.soql import Query, select
from orgwarden.salesforce.usage import Usage

__all__ = [
    "TOGETHER",
    "Address",
    "BulkPage",
    "BulkResult",
    "Client",
    "Credentials",
    "CursorGone",
    "DailyLimitReached",
    "Download",
    "Field",
    "Identity",
    "Limit",
    "Meter",
    "Page",
    "Query",
    "Secret",
    "Tokens",
    "TooManyAtOnce",
    "Transport",
    "Usage",
    "authorize_url",
    "callback_problem",
    "canonical",
    "client_credentials",
    "exchange_code",
    "identity",
    "jwt_bearer",
    "list_components",
    "new_verifier",
    "problem_from",
    "read_components",
    "read_metadata",
    "refresh",
    "revoke",
    "select",
]
