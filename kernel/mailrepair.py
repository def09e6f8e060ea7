# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""Repairs that let the gateway read what it would garble or refuse (R003)."""

import base64
import email
import email.policy
import re
from email.message import EmailMessage

from .mailraw import HEADER_END, SUPERSETS, decode_bytes, header_text
from .mailtext import html_to_text

_MAX_HEAD = 1_000_000
_LABEL = re.compile(
    rb"(?i)(charset\s*=\s*[\"']?|=\?)(%s)(?=[\"'?;\s])"
    % b"|".join(sorted(map(re.escape, SUPERSETS), key=len, reverse=True))
)
_EIGHT_BIT = re.compile(r"\"?([^\x00-\x7f]+(?:[ ]+[^\x00-\x7f]+)*)\"?")


def repair(raw, message_id=None):
    """Return the bytes as the gateway can read them, else unchanged.

    Charset names become the larger charset that senders mean by them (Outlook and
    Foxmail write "gb2312" over text that needs GB18030), bare 8-bit headers and text
    without a charset become UTF-8, and a missing Message-Id is added.

    >>> b'charset="gb18030"' in repair(b'Content-Type: text/plain; charset="GB2312"')
    True
    """
    # the texts stand in front; the rest of a large mail is attachments
    head = _LABEL.sub(lambda m: m[1] + SUPERSETS[m[2].lower()], raw[:_MAX_HEAD])
    raw = head + raw[_MAX_HEAD:]
    if not raw.isascii():
        raw = _repair_text(_repair_headers(raw))
    if message_id:
        raw = with_message_id(raw, message_id)
    return raw


def with_message_id(raw, message_id):
    """Set the Message-Id, replacing the one that is there."""
    parts = HEADER_END.split(raw, maxsplit=1)
    header = re.sub(
        rb"(?im)^message-id[ \t]*:[^\n]*\n?(?:[ \t]+[^\n]*\n?)*", b"", parts[0] + b"\n"
    ).strip(b"\r\n")
    start = b"Message-Id: " + message_id.encode("ascii", "replace") + b"\r\n"
    return start + header + b"\r\n\r\n" + b"".join(parts[1:])


def _repair_headers(raw):
    match = HEADER_END.search(raw)
    block = raw[: match.start()] if match else raw
    if block.isascii():
        return raw
    text = _EIGHT_BIT.sub(lambda m: _encoded_word(m[1]), decode_bytes(block))
    return text.encode("ascii", "replace") + raw[len(block) :]


def _encoded_word(text):
    pieces = [text[at : at + 14] for at in range(0, len(text), 14)]
    return " ".join(
        f"=?utf-8?b?{base64.b64encode(piece.encode()).decode()}?=" for piece in pieces
    )


def _repair_text(raw):
    """Give 8-bit text without a fitting charset one."""
    try:
        message = email.message_from_bytes(raw, policy=email.policy.compat32)
        changed = False
        for part in message.walk():
            if part.get_content_maintype() != "text" or part.is_multipart():
                continue
            data = part.get_payload(decode=True) or b""
            label = part.get_content_charset()
            if data.isascii() or _decodes(data, label or "utf-8"):
                continue
            text = decode_bytes(data)
            del part["Content-Transfer-Encoding"]
            part.set_payload(text.encode("utf-8"))
            part.set_param("charset", "utf-8")
            part.set_payload(text, "utf-8")
            changed = True
        return message.as_bytes() if changed else raw
    except Exception:
        return raw


def _decodes(data, label):
    try:
        data.decode(label)
    except (LookupError, UnicodeDecodeError):
        return False
    return True


def rebuild_mail(raw):
    """Return a well-formed mail with the headers, the readable text and the original.

    For mail that the gateway cannot parse: an unknown charset, a multipart without
    its boundary, headers that are no headers. The original is attached unchanged.
    """
    broken = _parse_any(raw)
    mail = EmailMessage(policy=email.policy.SMTP)
    for name in ("From", "To", "Cc", "Delivered-To", "Subject", "Date", "Message-Id",
                 "In-Reply-To", "References", "Auto-Submitted"):  # fmt: skip
        value = header_text(broken, name)
        try:
            if value:
                mail[name] = value
        except Exception:
            del mail[name]
    mail.set_content(_readable_text(broken, raw) or "-")
    mail.add_attachment(
        raw, maintype="application", subtype="octet-stream", filename="original.eml"
    )
    return mail.as_bytes()


def _parse_any(raw):
    try:
        return email.message_from_bytes(raw, policy=email.policy.compat32)
    except Exception:
        return email.message.Message()


def _readable_text(broken, raw):
    text = ""
    for part in broken.walk():
        try:
            if part.get_content_maintype() != "text" or part.get_filename():
                continue
            data = part.get_payload(decode=True) or b""
            found = decode_bytes(data, part.get_content_charset())
            if part.get_content_subtype() == "html":
                found = html_to_text(found)
            text = text or found.strip()
        except Exception:
            continue
    if not text:
        body = HEADER_END.split(raw, maxsplit=1)[-1][:20_000]
        text = decode_bytes(body)
    return text.replace("\x00", "")
