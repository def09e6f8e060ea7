# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.image import ImageProcess

_PER_ROW = 3
# pixels; sharp enough for a third of the page, small enough for 40 of them
_SIZE = 640
_QUALITY = 75
# smaller pictures in mails are logos and icons of signatures
_SMALLEST = 64


class ComplaintFormPhotos(models.AbstractModel):
    """The pictures of a complaint: of its messages, samples and visits."""

    _name = "complaint.form.photos"
    _description = "Photos on a Complaint Form"

    @api.model
    def _read_photos(self, tickets):
        """Return ``{ticket_id: ir.attachment}``, each picture once."""
        attachments = self.env["ir.attachment"]
        found = attachments.search(
            [
                ("res_model", "=", "helpdesk.ticket"),
                ("res_id", "in", tickets.ids),
                ("res_field", "=", False),
                ("mimetype", "=like", "image/%"),
            ],
            order="id",
        )
        result = {
            ticket_id: photos for ticket_id, photos in found.grouped("res_id").items()
        }
        for ticket in tickets:
            parts = (
                # sudo: files of samples and visits of a complaint one may read; an
                # upload belongs to whoever made it until it hangs on a record
                ticket.complaint_sample_ids.sudo().attachment_ids
                # sudo: as above
                | ticket.complaint_visit_ids.sudo().attachment_ids
            ).filtered(lambda a: (a.mimetype or "").startswith("image/"))
            result[ticket.id] = result.get(ticket.id, attachments) | parts
        return result

    @api.model
    def _get_photo_values(self, photos, form):
        """Return ``photo_rows`` and ``unprinted``: names of what cannot be shown."""
        pictures, unprinted, seen = [], [], set()
        for photo in (photos or ()) if form.show_photos else ():
            if photo.checksum in seen:
                continue
            seen.add(photo.checksum)
            # sudo: content of a file that was found with the user's own rights
            # or belongs to a part of the complaint, see _read_photos
            uri = self._get_photo_uri(photo.sudo().raw)
            if uri:
                pictures.append({"name": photo.name, "uri": uri})
            elif uri is None:
                unprinted.append(photo.name)
        rows = [
            pictures[at : at + _PER_ROW] for at in range(0, len(pictures), _PER_ROW)
        ]
        return {"photo_rows": rows, "photos_per_row": _PER_ROW, "unprinted": unprinted}

    @api.model
    def _get_photo_uri(self, raw):
        """Return a small JPEG as data URI; False if tiny, None if unreadable."""
        try:
            picture = ImageProcess(raw, verify_resolution=True)
            if not picture.image:
                return None
            if min(picture.image.size) < _SMALLEST:
                return False
            picture.resize(max_width=_SIZE, max_height=_SIZE)
            small = picture.image_quality(quality=_QUALITY, output_format="JPEG")
        except (UserError, OSError, ValueError, SyntaxError):
            # broken or exotic file: it is listed by name instead
            return None
        return f"data:image/jpeg;base64,{base64.b64encode(small).decode()}"
