"""E-mail over SMTP, one recipient a conversation.

The body is sent first and its final dot last: a server acts on nothing before that dot, so what is
cut off earlier may be sent again, and `hand_over` is called in between. Written out here because
Django's and Python's own senders offer no such moment.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.utils.html import format_html, format_html_join

from orgwarden.core.problems import NeedsPerson, TryLater
from orgwarden.notify.content import Content, HandOver, Unclear, lines, neutral
from orgwarden.notify.http import tls

_SUBJECT = 180
_TIME_LIMIT = 60.0  # seconds for any answer but that to the final dot
_ANSWER = 300.0  # to the final dot: servers check a message before they take it (RFC 5321: 10 min)
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*")


@dataclass(frozen=True)
class Server:
    """The mail server. `security` is "" (plain), starttls or tls."""

    host: str
    port: int
    security: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""  # the address in From

    @property
    def domain(self) -> str:
        return self.sender.rpartition("@")[2]


def checked_address(text: str) -> str:
    """An e-mail address as one person types one. Raises NeedsPerson."""
    text = text.strip()
    if not _ADDRESS.fullmatch(text) or len(text) > 254 or not _composes(text):
        raise NeedsPerson(
            "That is not an e-mail address.",
            fix="Give one address like security@example.com, without a name.",
            code="EMAIL_ADDRESS",
        )
    return text


def _composes(text: str) -> bool:
    """Whether a header can be made of it: not of two dots in a row or of an encoded word."""
    try:
        Address(addr_spec=text)
    except (ValueError, MessageError):
        return False
    return True


def compose(
    content: Content, *, sender: str, to: str, message_id: str, at: datetime
) -> EmailMessage:
    """The message; equal for equal arguments, so that a repetition is recognised."""
    message = EmailMessage(policy=SMTP)
    subject = neutral(content.subject)
    message["Subject"] = subject if len(subject) <= _SUBJECT else subject[: _SUBJECT - 1] + "…"
    message["From"] = Address("Orgwarden", addr_spec=sender)
    message["To"] = Address(addr_spec=to)
    message["Date"] = format_datetime(at)
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    told = lines(content)
    text = "\n\n".join(told)
    if content.link:
        text += f"\n\n{content.link}"
    message.set_content(text + "\n", cte="quoted-printable")
    message.add_alternative(
        _html(subject, told, content.link), subtype="html", cte="quoted-printable"
    )
    html = message.get_payload()[1]  # type: ignore[index]
    html["Content-Language"] = "en"  # type: ignore[index]
    boundary = f"orgwarden-{message_id.partition('@')[0][:40]}"
    message.set_boundary(boundary)
    return message


def _html(subject: str, told: list[str], link: str) -> str:
    body = format_html_join("\n", "<p>{}</p>", ((line,) for line in told))
    opening = (
        format_html('<p><a href="{}">Open in Orgwarden</a></p>', link)
        if link.startswith(("https://", "http://"))
        else ""
    )
    return format_html(
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{}</title></head>'
        "<body><h1>{}</h1>\n{}\n{}</body></html>\n",
        subject,
        subject,
        body,
        opening,
    )


def send(server: Server, message: EmailMessage, *, hand_over: HandOver = lambda: None) -> None:
    """One conversation. Raises TryLater when the server did not take it, NeedsPerson when it
    refused it for good, Unclear when its last answer was not seen."""
    body = re.sub(rb"(?m)^\.", b"..", message.as_bytes(policy=SMTP))
    if not body.endswith(b"\r\n"):
        body += b"\r\n"
    to = message["To"].addresses[0].addr_spec
    with _conversation(server) as said:
        said.expect(said.smtp.mail(server.sender), "the sender", of_all=True)
        said.expect(said.smtp.rcpt(to), "the recipient")
        said.expect(said.smtp.docmd("DATA"), "the message", good=354)
        said.smtp.send(body)
        hand_over()
        said.handed = True
        if said.smtp.sock is not None:
            said.smtp.sock.settimeout(_ANSWER)
        said.smtp.send(b".\r\n")
        answer = said.smtp.getreply()
        said.handed = False
        said.expect(answer, "the message")


class _Said:
    def __init__(self, server: Server, smtp: smtplib.SMTP) -> None:
        self.server, self.smtp, self.handed = server, smtp, False

    def expect(
        self, answer: tuple[int, bytes], what: str, good: int = 250, *, of_all: bool = False
    ) -> None:
        """Raise unless the answer is good. `of_all`: what is refused is not this message's own, so
        it is the same for every message and mended in the settings."""
        code, text = answer
        if code == good or (good == 250 and 200 <= code < 300):
            return
        if code == -1:
            raise smtplib.SMTPServerDisconnected("closed")
        told = neutral(text.decode("utf-8", "replace"))[:200]
        words = f"The mail server {self.server.host} refused {what}: {code} {told}"
        if of_all:
            fix = "Check ORGWARDEN_SMTP_URL and ORGWARDEN_MAIL_FROM with whoever runs it."
            raise TryLater(words, fix=fix, code="SMTP_REFUSED")
        if 500 <= code < 600:
            raise NeedsPerson(words, fix="Check the address with whoever runs it.", code=str(code))
        raise TryLater(words, code=str(code))


@contextmanager
def _conversation(server: Server) -> Iterator[_Said]:
    said: _Said | None = None
    smtp: smtplib.SMTP | None = None
    where = f"The mail server {server.host}:{server.port}"
    try:
        local = server.domain or "localhost"
        if server.security == "tls":
            smtp = smtplib.SMTP_SSL(local_hostname=local, timeout=_TIME_LIMIT, context=tls())
            # smtplib checks the certificate against the host given to its constructor only.
            smtp._host = server.host  # type: ignore[attr-defined]
        else:
            smtp = smtplib.SMTP(local_hostname=local, timeout=_TIME_LIMIT)
            smtp._host = server.host  # type: ignore[attr-defined]
        said = _Said(server, smtp)
        said.expect(smtp.connect(server.host, server.port), "the connection", of_all=True)
        smtp.ehlo_or_helo_if_needed()
        if server.security == "starttls":
            said.expect(smtp.starttls(context=tls()), "TLS", of_all=True)
            smtp.ehlo()
        if server.user:
            smtp.login(server.user, server.password)
        yield said
        try:
            smtp.quit()
        except (smtplib.SMTPException, OSError):
            pass  # the message is taken, how the conversation ends changes nothing
    except smtplib.SMTPAuthenticationError as error:
        raise TryLater(
            f"{where} does not accept our user name and password ({error.smtp_code}).",
            fix="Correct ORGWARDEN_SMTP_URL.",
            code="SMTP_SIGN_IN",
        ) from None
    except smtplib.SMTPNotSupportedError:
        raise TryLater(
            f"{where} does not offer what ORGWARDEN_SMTP_URL asks for (TLS, or a sign-in).",
            fix="Use another scheme (smtps, starttls) or port.",
            code="SMTP_TLS",
        ) from None
    except ssl.SSLError:
        if said is not None and said.handed:
            raise _unclear(where) from None
        raise TryLater(
            f"A secure connection to {server.host}:{server.port} could not be made, or its"
            " certificate is not trusted.",
            fix="Check host, port and scheme in ORGWARDEN_SMTP_URL, and ORGWARDEN_CA_BUNDLE.",
            code="SMTP_TLS",
        ) from None
    except (smtplib.SMTPException, OSError):
        if said is not None and said.handed:
            raise _unclear(where) from None
        raise TryLater(
            f"{where} cannot be reached, or ended the conversation.",
            fix="Check ORGWARDEN_SMTP_URL, and this machine's network and firewall.",
            code="SMTP_UNREACHABLE",
        ) from None
    finally:
        if smtp is not None:
            smtp.close()


def _unclear(where: str) -> Unclear:
    return Unclear(
        f"{where} was given the whole message and did not answer, so it may have arrived.",
        code="NO_ANSWER",
    )
