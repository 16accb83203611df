"""Which hosts may be given a token: Salesforce's own, over https, and nothing else.

Hosts and the Lightning and Setup mappings are those of Salesforce's My Domain documentation and of
the allow-list of its own command line (`@salesforce/core`). A development address is admitted only
when it is named, host and port, in ORGWARDEN_ALLOWED_SALESFORCE_HOSTS.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from orgwarden.core.problems import NeedsPerson

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
# naNN, cs101, usa604s: an instance's own name, still used as `instance_url` by old orgs.
_INSTANCE = re.compile(r"[a-z]{2,4}[0-9]{1,4}[a-z]?")

# What stands behind the org's own label or two (`acme`, `acme--uat.sandbox`).
_MY_DOMAIN = ("my.salesforce.com", "my.salesforce.mil", "my.sfcrmproducts.cn")
_SAME_ORG = {
    "lightning.force.com": "my.salesforce.com",
    "my.salesforce-setup.com": "my.salesforce.com",
    "lightning.crmforce.mil": "my.salesforce.mil",
    "lightning.sfcrmapps.cn": "my.sfcrmproducts.cn",
}
# Salesforce's, but pages or files of an org are served there and no API.
_NO_API = ("force.com", "salesforce.com", "site.com", "salesforce.mil", "crmforce.mil",
           "sfcrmproducts.cn", "sfcrmapps.cn", "salesforce-setup.com", "documentforce.com",
           "visualforce.com", "cloudforce.com")  # fmt: skip
_GENERIC = frozenset({"login.salesforce.com", "test.salesforce.com", "welcome.salesforce.com"})

_USE_MY_DOMAIN = (
    "Give the org's My Domain address, like https://acme.my.salesforce.com"
    " (in Salesforce: Setup, My Domain)."
)


@dataclass(frozen=True)
class Address:
    """Scheme, host and port of one org: the only place its tokens are sent to."""

    host: str
    port: int
    scheme: str

    @property
    def url(self) -> str:
        """`https://host`, with `:port` where it is not the scheme's own; no slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = {"https": 443, "http": 80}[self.scheme]
        return f"{self.scheme}://{host}" + ("" if self.port == usual else f":{self.port}")

    @property
    def is_loopback(self) -> bool:
        """Whether the host is this machine, as the emulator's is."""
        if self.host == "localhost" or self.host.endswith(".localhost"):
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False

    @property
    def is_sandbox(self) -> bool:
        """Whether the host is a sandbox's or a scratch org's, which sign in as `test`."""
        org = self.host.partition(".my.")[0]
        return (
            "--" in org
            or org.endswith((".sandbox", ".scratch"))
            or re.fullmatch(r"cs[0-9]+\.salesforce\.com", self.host) is not None
        )


def canonical(text: str, *, allowed: frozenset[str] = frozenset()) -> Address:
    """The address an org's tokens may be sent to, from what a person or Salesforce wrote.

    `allowed` names development addresses as `host:port`; those may be http. Path and query are
    dropped. Raises NeedsPerson, with the fix, for everything that is not clearly Salesforce.
    """
    parts = _split(text)
    scheme = parts.scheme
    if scheme not in ("https", "http"):
        raise NeedsPerson(
            f"{_shown(text)} is not an https address.", fix=_USE_MY_DOMAIN, code="NOT_HTTPS"
        )
    if "@" in parts.netloc:
        raise NeedsPerson(
            "The address holds a user name or password.",
            fix="Give the address alone, without anything before an @.",
            code="USERINFO_IN_ADDRESS",
        )
    host, port = _host_and_port(parts, text)
    if _named(host, port, allowed):
        if "://" not in text:
            raise NeedsPerson(
                f"{_shown(text)} could be http or https.",
                fix="Write http:// or https:// in front of it.",
                code="NO_SCHEME",
            )
        return Address(host, port, scheme)
    named = ""
    if Address(host, port, scheme).is_loopback:
        named = (
            "If the emulator answers there, set ORGWARDEN_ALLOWED_SALESFORCE_HOSTS="
            f"{_written(host, port)} for this process."
        )
    if scheme != "https":
        raise NeedsPerson(
            f"{_shown(text)} is not https, so a token sent there could be read on the way.",
            fix=named or "Write the address with https://.",
            code="NOT_HTTPS",
        )
    if port != 443:
        raise NeedsPerson(
            f"{_shown(text)} names port {port}; Salesforce answers on 443 only.",
            fix=named or _USE_MY_DOMAIN,
            code="ODD_PORT",
        )
    return Address(_salesforce_host(host, text), 443, "https")


def _split(text: str) -> SplitResult:
    stripped = text.strip()
    # urlsplit drops tabs and newlines and keeps backslashes, where other parsers see other hosts.
    if not stripped or not re.fullmatch(r"[!-~]+", stripped) or "\\" in stripped:
        raise NeedsPerson(
            "The address is empty or holds characters that no Salesforce address has.",
            fix=_USE_MY_DOMAIN,
            code="NOT_AN_ADDRESS",
        )
    if "://" not in stripped:
        stripped = "https://" + stripped
    try:
        return urlsplit(stripped)
    except ValueError as error:
        raise NeedsPerson(
            f"{_shown(text)} is not an address.", fix=_USE_MY_DOMAIN, code="NOT_AN_ADDRESS"
        ) from error


def _host_and_port(parts: SplitResult, text: str) -> tuple[str, int]:
    try:
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise NeedsPerson(
            f"{_shown(text)} is not an address.", fix=_USE_MY_DOMAIN, code="NOT_AN_ADDRESS"
        ) from error
    if port is None:
        port = 443 if parts.scheme == "https" else 80
    return host.lower(), port


def _named(host: str, port: int, allowed: frozenset[str]) -> bool:
    return _written(host, port) in {entry.strip().lower() for entry in allowed}


def _written(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _salesforce_host(host: str, text: str) -> str:
    labels = host.split(".")
    if not all(_LABEL.fullmatch(label) for label in labels):
        raise NeedsPerson(
            f"{_shown(text)} is not a host name.", fix=_USE_MY_DOMAIN, code="NOT_AN_ADDRESS"
        )
    if any(label.startswith("xn--") for label in labels):
        raise NeedsPerson(
            f"{_shown(text)} is written in an international alphabet, and no Salesforce host is.",
            fix=_USE_MY_DOMAIN,
            code="NOT_SALESFORCE",
        )
    if host in _GENERIC:
        raise NeedsPerson(
            f"{host} is the sign-in page of every org, not the address of one.",
            fix=_USE_MY_DOMAIN,
            code="GENERIC_LOGIN_HOST",
        )
    for suffix in _MY_DOMAIN:
        if _stands_before(labels, suffix):
            return host
    for suffix, my_domain in _SAME_ORG.items():
        if _stands_before(labels, suffix):
            return host.removesuffix(suffix) + my_domain
    if labels[1:] == ["salesforce", "com"] and _INSTANCE.fullmatch(labels[0]):
        return host
    if any(host == suffix or host.endswith("." + suffix) for suffix in _NO_API):
        raise NeedsPerson(
            f"{host} belongs to Salesforce but is not the address of an org's API.",
            fix=_USE_MY_DOMAIN,
            code="NOT_AN_ORG",
        )
    raise NeedsPerson(
        f"{_shown(text)} is not a Salesforce host, so no token is sent there.",
        fix=f"{_USE_MY_DOMAIN} For the emulator, name host:port in"
        " ORGWARDEN_ALLOWED_SALESFORCE_HOSTS.",
        code="NOT_SALESFORCE",
    )


def _stands_before(labels: list[str], suffix: str) -> bool:
    """Whether one label, or an org and its partition, stands before exactly these labels."""
    tail = suffix.split(".")
    return labels[-len(tail) :] == tail and 1 <= len(labels) - len(tail) <= 2


def _shown(text: str) -> str:
    """What was typed, safe to print: no query (it may hold a token), one line, at most 80."""
    shown = re.split(r"[?#]", text.strip())[0].rpartition("@")[2]
    shown = "".join(c if c.isprintable() else "?" for c in shown)
    return shown if len(shown) <= 80 else shown[:79] + "…"
