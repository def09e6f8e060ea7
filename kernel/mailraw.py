# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""The headers of a mail before the gateway reads it (R003).

What can be known without trusting the mail to be well-formed.
"""

import email
import email.header
import email.policy
import hashlib
import re
from dataclasses import dataclass, field

_RECIPIENTS = (
    "To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To", "Resent-To",
    "Resent-Cc",
)  # fmt: skip
_ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+@[\w.-]+")
_MESSAGE_ID = re.compile(r"<[^<>\s]+>")
_AUTO_SUBJECT = re.compile(
    r"^\s*(?:auto(?:matic|matische|matisch)?[ -]*(?:reply|response|antwort)?\s*[:：]"
    r"|automati(?:c reply|sche antwort|c response)|auto-?reply"
    r"|out of (?:the )?office|abwesen|ich bin (?:nicht|au)|i am out of"
    r"|自动回复|自動回覆|自动答复|自動返信|自動応答|不在|休假)",
    re.IGNORECASE,
)
_NO_REPLY = re.compile(
    r"^(?:(?:do[-_.]?)?no[-_.]?(?:t[-_.]?)?reply|mailer-daemon|postmaster|bounces?"
    r"|nicht[-_.]?antworten|daemon)(?=[@+._-])",
    re.IGNORECASE,
)

# The names that mail programs write and the larger charset that they really use.
SUPERSETS = {
    b"gb2312": b"gb18030",
    b"gb_2312-80": b"gb18030",
    b"x-gbk": b"gb18030",
    b"cn-gb": b"gb18030",
    b"gbk": b"gb18030",
    b"gb18030-2000": b"gb18030",
    b"shift_jis": b"cp932",
    b"shift-jis": b"cp932",
    b"x-sjis": b"cp932",
    b"sjis": b"cp932",
    b"ks_c_5601-1987": b"cp949",
    b"iso-8859-1": b"cp1252",
    b"utf8mb4": b"utf-8",
}
_GUESSES = ("utf-8", "gb18030", "cp932", "cp1252")
HEADER_END = re.compile(rb"\r?\n\r?\n")


@dataclass
class RawHeaders:
    """What the headers say, as far as they can be read."""

    message_id: str = ""
    digest: str = ""
    email_from: str = ""
    subject: str = ""
    addresses: list = field(default_factory=list)
    references: list = field(default_factory=list)
    has_alias: bool = False  # filled by who knows our addresses
    is_auto_reply: bool = False
    is_automatic: bool = False  # sent by a machine: gets no answer


def read_headers(raw):
    """Read the headers of any bytes; never raises.

    >>> found = read_headers(b"From: E <e@x.de>\\nTo: a@y.de\\nSubject: Hi\\n\\nText")
    >>> found.email_from, found.addresses, found.subject
    ('e@x.de', ['a@y.de'], 'Hi')
    """
    message = _parse_headers(raw)
    sender = _ADDRESS.search(header_text(message, "From"))
    result = RawHeaders(
        email_from=sender[0].lower() if sender else "",
        subject=header_text(message, "Subject")[:500],
        digest=_digest(raw, message),
    )
    ids = _MESSAGE_ID.findall(header_text(message, "Message-Id"))
    result.message_id = ids[0] if ids else f"<{result.digest[:40]}@complaint.intake>"
    recipients = " ".join(header_text(message, name) for name in _RECIPIENTS)
    result.addresses = list(dict.fromkeys(_ADDRESS.findall(recipients.lower())))
    references = " ".join(
        header_text(message, name) for name in ("References", "In-Reply-To")
    )
    result.references = list(dict.fromkeys(_MESSAGE_ID.findall(references)))
    submitted = header_text(message, "Auto-Submitted").lower()
    result.is_auto_reply = bool(
        submitted.startswith("auto-replied")
        or header_text(message, "X-Autoreply").lower() not in ("", "no")
        or header_text(message, "X-Autorespond")
        or header_text(message, "Precedence").lower() == "auto_reply"
        or _AUTO_SUBJECT.match(result.subject)
    )
    result.is_automatic = bool(
        result.is_auto_reply
        or submitted not in ("", "no")
        or header_text(message, "Precedence").lower() in ("bulk", "junk", "list")
        or header_text(message, "Return-Path").strip() == "<>"
        or _NO_REPLY.match(result.email_from)
        or not result.email_from
    )
    return result


def _parse_headers(raw):
    block = HEADER_END.split(raw[:200_000], maxsplit=1)[0]
    try:
        return email.message_from_bytes(block + b"\n\n", policy=email.policy.compat32)
    except Exception:
        return email.message.Message()


def _digest(raw, message):
    """Of what stays the same when the mail comes by two ways: not the trace headers."""
    body = HEADER_END.split(raw, maxsplit=1)[-1]
    digest = hashlib.sha256(body.replace(b"\r", b"").strip())
    for name in ("From", "Subject", "Date"):
        digest.update(header_text(message, name).encode("utf-8", "replace"))
    return digest.hexdigest()


def header_text(message, name):
    """Return all headers of a name as readable text on one line; never raises."""
    texts = []
    for value in message.get_all(name, []) if message is not None else []:
        try:
            pieces = email.header.decode_header(value)
            text = "".join(
                decode_bytes(data, label) if isinstance(data, bytes) else data
                for data, label in pieces
            )
        except Exception:
            text = str(value)
        texts.append(text.encode("utf-8", "replace").decode())
    return " ".join(" ".join(texts).split())


def decode_bytes(data, label=None):
    """Decode with the label when it fits, else with the first charset that does.

    >>> decode_bytes("客诉".encode("gb18030"), "x-unknown")
    '客诉'
    """
    label = SUPERSETS.get((label or "").lower().encode(), b"").decode() or label
    for charset in (label, *_GUESSES):
        try:
            return data.decode(charset)
        except (LookupError, UnicodeDecodeError, TypeError):
            continue
    return data.decode("latin-1")
