# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

import base64
import io
from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from PIL import Image
from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools.misc import format_date, formatLang

# characters; a block or table with longer texts may break anywhere over pages
SHORT_TEXT = 1200
# pixels for a module of a QR code
_QR_SCALE = 4
_QR_MASK = 0


class ComplaintPrintTools(models.AbstractModel):
    """Who may print, and how times, quantities and choices are written."""

    _name = "complaint.print.tools"
    _description = "Complaint Print Tools"

    @api.model
    def _check_can_print(self, tickets):
        """Return the complaints of `tickets`, if the user may print them.

        Reports can be called by address with any id, also by customers in the
        portal, who may read their own complaints but none of our forms (R518).

        :raise AccessError: for portal users, and for complaints one cannot read
        """
        if not self.env.user._is_internal():
            raise AccessError(self.env._("Complaint forms are not for customers."))
        tickets.check_access("read")
        return tickets.filtered("is_complaint")

    @api.model
    def _get_timezone(self, company):
        return ZoneInfo(company.complaint_tz or "UTC")

    @api.model
    def _get_local(self, value, company):
        """Return a stored UTC time as naive time of the company's own zone."""
        if not value:
            return value
        aware = value.replace(tzinfo=timezone.utc)
        return aware.astimezone(self._get_timezone(company)).replace(tzinfo=None)

    @api.model
    def _get_day_start(self, day, company):
        """Return when a day of the company begins, naive UTC."""
        local = datetime.combine(day, time.min, tzinfo=self._get_timezone(company))
        return local.astimezone(timezone.utc).replace(tzinfo=None)

    @api.model
    def _format_time(self, value, company):
        """Return date and time in the company's zone, the language's date format."""
        local = self._get_local(value, company)
        return f"{self._format_day(local.date())} {local:%H:%M}" if local else ""

    @api.model
    def _format_day(self, value):
        return format_date(self.env, value) if value else ""

    @api.model
    def _format_quantity(self, quantity, uom):
        """Return quantity and unit; empty for 0, which means not stated."""
        if not quantity:
            return ""
        digits = 0 if quantity == int(quantity) else 3
        text = formatLang(self.env, quantity, digits=digits)
        return f"{text} {uom.name}" if uom else text

    @api.model
    def _get_choice(self, record, field_name):
        """Return the label of a selection value in the language of `record`."""
        labels = record._fields[field_name]._description_selection(record.env)
        return dict(labels).get(record[field_name], "")

    @api.model
    def _prepare_table(self, title, columns, rows):
        """Return a table for the template ``complaint_form_tables``.

        :param str title: bar above the table, or empty
        :param columns: list of ``(label, width in percent)`` or ``(label, width,
            class)``, for example ``text-end`` for numbers
        :param rows: list of lists of text; none prints one empty row for a pen
        """
        return {
            "title": title,
            "columns": [
                {"label": label, "width": width, "class": (*rest, None)[0]}
                for label, width, *rest in columns
            ],
            "rows": rows,
            "is_long": any(
                len(cell or "") > SHORT_TEXT for row in rows for cell in row
            ),
        }

    @api.model
    def _get_qr(self, address):
        """Return a QR code of an address as data URI.

        Drawn here: `ir.actions.report.barcode` needs a picture backend of reportlab
        that is missing on many servers. The mask is fixed: choosing the prettiest of
        eight takes most of the time and makes no difference to a reader.
        """
        code = QRCode(None, QRErrorCorrectLevel.M)
        code.addData(address)
        code.version = code.calculate_version()
        code.makeImpl(False, _QR_MASK)
        size = code.getModuleCount()
        image = Image.new("1", (size, size), 1)
        for row in range(size):
            for column in range(size):
                if code.isDark(row, column):
                    image.putpixel((column, row), 0)
        image = image.resize((size * _QR_SCALE, size * _QR_SCALE))
        stream = io.BytesIO()
        image.save(stream, "PNG")
        return f"data:image/png;base64,{base64.b64encode(stream.getvalue()).decode()}"

    @api.model
    def _join(self, parts, separator=", "):
        return separator.join(str(part) for part in parts if part)
