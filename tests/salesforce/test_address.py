"""Addresses: Salesforce's hosts and nobody else's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.problems import NeedsPerson
from orgwarden.salesforce import Address, canonical

SIM = frozenset({"127.0.0.1:8900", "localhost:8900", "[::1]:8900"})


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("https://acme.my.salesforce.com", "acme.my.salesforce.com"),
        ("acme.my.salesforce.com", "acme.my.salesforce.com"),
        (" https://ACME.my.salesforce.com:443/?x=1#y ", "acme.my.salesforce.com"),
        ("https://acme--uat.sandbox.my.salesforce.com/", "acme--uat.sandbox.my.salesforce.com"),
        ("https://acme--uat.cs42.my.salesforce.com", "acme--uat.cs42.my.salesforce.com"),
        ("https://x-dev-ed.develop.my.salesforce.com", "x-dev-ed.develop.my.salesforce.com"),
        ("https://acme.lightning.force.com/lightning/page/home", "acme.my.salesforce.com"),
        (
            "https://acme--uat.sandbox.lightning.force.com/one/one.app",
            "acme--uat.sandbox.my.salesforce.com",
        ),
        ("https://acme.my.salesforce-setup.com/lightning/setup/x", "acme.my.salesforce.com"),
        ("https://acme.my.salesforce.mil", "acme.my.salesforce.mil"),
        ("https://acme.lightning.crmforce.mil", "acme.my.salesforce.mil"),
        ("https://acme.lightning.sfcrmapps.cn", "acme.my.sfcrmproducts.cn"),
        ("https://na139.salesforce.com", "na139.salesforce.com"),
        ("https://usa604s.salesforce.com", "usa604s.salesforce.com"),
    ],
)
def test_an_orgs_address_in_any_form_is_its_my_domain(text: str, host: str) -> None:
    assert canonical(text) == Address(host, 443, "https")
    assert canonical(text).url == f"https://{host}"
    assert not canonical(text).is_loopback


@pytest.mark.seed("C22")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NOT_AN_ADDRESS"),
        ("https://", "NOT_AN_ADDRESS"),
        ("https://https://acme.my.salesforce.com", "NOT_SALESFORCE"),
        ("http://acme.my.salesforce.com", "NOT_HTTPS"),
        ("ftp://acme.my.salesforce.com", "NOT_HTTPS"),
        ("javascript://acme.my.salesforce.com", "NOT_HTTPS"),
        ("https://login.salesforce.com", "GENERIC_LOGIN_HOST"),
        ("https://test.salesforce.com", "GENERIC_LOGIN_HOST"),
        ("https://user@acme.my.salesforce.com", "USERINFO_IN_ADDRESS"),
        ("https://acme.my.salesforce.com@evil.example", "USERINFO_IN_ADDRESS"),
        ("https://acme.my.salesforce.com:8443", "ODD_PORT"),
        ("https://acme.my.salesforce.com:99999", "NOT_AN_ADDRESS"),
        ("https://evil.example", "NOT_SALESFORCE"),
        ("https://evilmy.salesforce.com.evil.example", "NOT_SALESFORCE"),
        ("https://acme.my.salesforce.com.evil.example", "NOT_SALESFORCE"),
        ("https://acmemy.salesforce.com", "NOT_AN_ORG"),
        ("https://notsalesforce.com", "NOT_SALESFORCE"),
        ("https://acme.my.notsalesforce.com", "NOT_SALESFORCE"),
        ("https://my.salesforce.com", "NOT_AN_ORG"),
        ("https://a.b.c.my.salesforce.com", "NOT_AN_ORG"),
        ("https://www.salesforce.com", "NOT_AN_ORG"),
        ("https://acme.my.site.com", "NOT_AN_ORG"),
        ("https://acme.secure.force.com", "NOT_AN_ORG"),
        ("https://acme--c.vf.force.com", "NOT_AN_ORG"),
        ("https://xn--cme-8cd.my.salesforce.com", "NOT_SALESFORCE"),
        ("https://аcme.my.salesforce.com", "NOT_AN_ADDRESS"),  # a Cyrillic letter
        ("https://acme.my.salesforce.com。evil.example", "NOT_AN_ADDRESS"),
        ("https://acme.my.salesforce.com\\@evil.example", "NOT_AN_ADDRESS"),
        ("https://acme.my.sales\tforce.com", "NOT_AN_ADDRESS"),
        ("https://acme.my.sales\nforce.com", "NOT_AN_ADDRESS"),
        ("https://acme%2emy.salesforce.com", "NOT_AN_ADDRESS"),
        ("https://acme.my.salesforce.com.", "NOT_AN_ADDRESS"),
        ("https://-acme.my.salesforce.com", "NOT_AN_ADDRESS"),
        ("https://[::1", "NOT_AN_ADDRESS"),
        ("https://[::1]", "NOT_AN_ADDRESS"),
        ("https://169.254.169.254", "NOT_SALESFORCE"),
        ("http://127.0.0.1:8900", "NOT_HTTPS"),
        ("https://127.0.0.1:8900", "ODD_PORT"),
        ("https://127.0.0.1", "NOT_SALESFORCE"),
        ("https://localhost", "NOT_SALESFORCE"),
    ],
)
def test_everything_else_is_refused_with_the_fix(text: str, code: str) -> None:
    with pytest.raises(NeedsPerson) as raised:
        canonical(text)
    assert raised.value.code == code
    assert raised.value.fix


def test_a_development_address_is_admitted_only_by_name() -> None:
    assert canonical("http://127.0.0.1:8900/", allowed=SIM).url == "http://127.0.0.1:8900"
    assert canonical("https://localhost:8900", allowed=SIM).url == "https://localhost:8900"
    assert canonical("http://[::1]:8900", allowed=SIM).url == "http://[::1]:8900"
    assert all(canonical(f"http://{host}", allowed=SIM).is_loopback for host in SIM)
    for text in ("http://127.0.0.1:8901", "http://127.0.0.2:8900", "http://localhost"):
        with pytest.raises(NeedsPerson):
            canonical(text, allowed=SIM)
    with pytest.raises(NeedsPerson, match="http or https"):
        canonical("127.0.0.1:8900", allowed=SIM)


@pytest.mark.parametrize("host", ["127.0.0.1:8900", "localhost:8900", "[::1]:8900"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_refused_emulator_is_told_the_setting_that_is_missing(scheme: str, host: str) -> None:
    with pytest.raises(NeedsPerson) as raised:
        canonical(f"{scheme}://{host}")
    assert f"ORGWARDEN_ALLOWED_SALESFORCE_HOSTS={host}" in raised.value.fix


def test_a_token_in_a_pasted_address_is_not_repeated() -> None:
    with pytest.raises(NeedsPerson) as raised:
        canonical("https://evil.example/?sid=00Dxx!hush#access_token=hush")
    assert "hush" not in raised.value.sentence()


def test_sandboxes_sign_in_as_sandboxes() -> None:
    for sandbox in (
        "acme--uat.sandbox.my.salesforce.com", "acme--uat.my.salesforce.com",
        "x.scratch.my.salesforce.com", "cs42.salesforce.com",
    ):  # fmt: skip
        assert canonical(sandbox).is_sandbox
    for other in ("csco.my.salesforce.com", "x-dev-ed.develop.my.salesforce.com"):
        assert not canonical(other).is_sandbox


@given(st.text(max_size=60))
def test_whatever_is_typed_only_salesforce_comes_out(text: str) -> None:
    for typed in (text, f"https://{text}", f"https://acme.my.salesforce.com{text}"):
        try:
            address = canonical(typed)
        except NeedsPerson:
            continue
        assert address.scheme == "https"
        assert address.port == 443
        assert address.host.endswith((".salesforce.com", ".salesforce.mil", ".sfcrmproducts.cn"))
        assert canonical(address.url) == address
