# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from datetime import datetime, time, timezone
from zoneinfo import ZoneInfo

from odoo import api, fields, models

from ..kernel.register_import import (
    CellError,
    clean_number,
    clean_text,
    find_choice,
    parse_quantity,
    parse_when,
)

_BEGINNINGS = ("reported", "received", "accepted")
_DATES = (*_BEGINNINGS, "closed", "delivered_date")
_QUANTITIES = ("delivered_qty", "claimed_qty", "defective_qty")


class ComplaintRegisterReader(models.AbstractModel):
    """Reads the rows of an old register; looks at everything, changes nothing.

    A text is linked where exactly one record has that very name, otherwise it
    stays text.
    """

    _name = "complaint.register.reader"
    _description = "Complaint Register Reader"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _read(self, rows, columns, wizard, epoch):
        """Check the rows of a register.

        :param rows: list of ``(row number, cells)``
        :param columns: list of ``(cell index, column letters, header, meaning)``
        :param wizard: `complaint.register.import` record: company, team ...
        :param epoch: day 0 of the workbook
        :return: ``(cases, errors)``: cases are dicts of clean values by meaning,
            with ``row``, ``at`` (times in UTC), ``bad`` and ``linked`` (meanings
            that cannot be read, that were linked); errors are ``(row, message)``
        """
        labels = {
            meaning: (letters, header) for _i, letters, header, meaning in columns
        }
        zone = ZoneInfo(wizard.company_id.complaint_tz or "UTC")
        cases, errors = [], []
        for row, cells in rows:
            case = {"row": row, "at": {}, "bad": set(), "linked": set()}
            for index, letters, header, meaning in columns:
                cell = cells[index] if index < len(cells) else None
                if cell in (None, ""):
                    continue
                try:
                    case[meaning] = self._read_cell(meaning, cell, epoch)
                except CellError as error:
                    case["bad"].add(meaning)
                    reason = self._get_cell_message(*error.args)
                    errors.append((row, self._in_cell(letters, header, reason)))
            errors += [(row, text) for text in self._check_case(case, labels, zone)]
            cases.append(case)
        errors += self._check_numbers(cases, wizard.company_id)
        self._link(cases, wizard.company_id)
        return cases, sorted(errors)

    @api.model
    def _read_cell(self, meaning, cell, epoch):
        if meaning in _DATES:
            return parse_when(cell, epoch)
        if meaning in _QUANTITIES:
            return parse_quantity(cell)
        if meaning == "number":
            return clean_number(cell)
        text = clean_text(cell)
        if meaning == "state" and text:
            if phase := find_choice("state", text):
                return phase
            raise CellError("unknown_state", text)
        return text

    @api.model
    def _in_cell(self, letters, header, reason):
        return self.env._(
            "column %(letters)s (%(header)s): %(reason)s",
            letters=letters,
            header=header,
            reason=reason,
        )

    @api.model
    def _get_cell_message(self, code, text):
        """Return in plain words what is wrong with a cell, and what to do."""
        messages = {
            "not_a_date": self.env._("“%s” is no date. Write it as 2025-07-03.", text),
            "ambiguous_date": self.env._(
                "“%s” can mean two days. Write it as 2025-07-03.", text
            ),
            "no_such_date": self.env._("the day or time “%s” does not exist.", text),
            "date_out_of_range": self.env._("the year of “%s” cannot be right.", text),
            "not_a_quantity": self.env._(
                "“%s” is no quantity. Write a number, a unit may follow.", text
            ),
            "negative": self.env._("the quantity “%s” is negative.", text),
            "excel_error": self.env._("the cell shows the Excel error %s.", text),
            "unknown_state": self.env._(
                "the state “%s” is not known. Write for example Registered, "
                "Accepted, In progress, Closed or Cancelled (登记, 已受理, 处理中, "
                "已结案, 作废).",
                text,
            ),
        }
        return messages[code]

    @api.model
    def _check_case(self, case, labels, zone):
        """Complete times and state of one case; yield what is wrong with it."""
        now = fields.Datetime.now()
        for name in (*_BEGINNINGS, "closed"):
            if not case.get(name):
                continue
            case["at"][name] = at = self._get_utc(case[name], zone, now)
            if at > now:
                yield self._in_cell(
                    *labels[name],
                    self.env._("%s lies in the future.", clean_text(case[name])),
                )
        begun = [case["at"][name] for name in _BEGINNINGS if name in case["at"]]
        if not begun and case["bad"].isdisjoint(_BEGINNINGS):
            yield self.env._("the date of the complaint is missing.")
        closed = case["at"].get("closed")
        if closed and begun and closed < min(begun):
            yield self._in_cell(
                *labels["closed"],
                self.env._("it was closed before it was reported."),
            )
        if not case.get("state"):
            case["state"] = "closed" if case.get("closed") else "accepted"

    @api.model
    def _get_utc(self, when, zone, now):
        """A day without a time is its noon: the same day for every reader."""
        if isinstance(when, datetime):
            local = when.replace(tzinfo=zone)
            return local.astimezone(timezone.utc).replace(tzinfo=None)
        today = now.replace(tzinfo=timezone.utc).astimezone(zone).date()
        noon = datetime.combine(when, time(12), tzinfo=zone)
        noon = noon.astimezone(timezone.utc).replace(tzinfo=None)
        return min(noon, now) if when == today else noon

    @api.model
    def _check_numbers(self, cases, company):
        """Return errors of numbers that are missing, doubled or known."""
        errors, rows = [], {}
        for case in cases:
            number = case.get("number")
            if not number:
                errors.append(
                    (case["row"], self.env._("the complaint number is missing."))
                )
            elif number in rows:
                errors.append(
                    (
                        case["row"],
                        self.env._(
                            "the number %(number)s stands in row %(row)s already.",
                            number=number,
                            row=rows[number],
                        ),
                    )
                )
            else:
                rows[number] = case["row"]
        known = self.env["complaint.number"]._get_taken_names(company, list(rows))
        errors += [
            (
                rows[number],
                self.env._("a complaint with the number %s exists already.", number),
            )
            for number in known
        ]
        return errors

    # ------------------------------------------------------------------
    # Linking
    # ------------------------------------------------------------------

    @api.model
    def _link(self, cases, company):
        """Replace texts by records where exactly one has that very name."""
        own = [("company_id", "in", [False, company.id])]
        for meaning, target, model, names, domain in (
            ("customer_code", "partner_id", "res.partner", ["ref"], own),
            ("customer", "partner_id", "res.partner", ["name"], own),
            (
                "order",
                "sale_order_id",
                "sale.order",
                ["name", "client_order_ref"],
                [("company_id", "=", company.id)],
            ),
            ("product_code", "product_id", "product.product", ["default_code"], own),
            ("product", "product_id", "product.product", ["name"], own),
            ("defect", "defect_id", "complaint.defect", ["code", "name"], own),
            (
                "category",
                "category_id",
                "helpdesk.ticket.category",
                ["complaint_code", "name"],
                own,
            ),
            ("department", "department_id", "hr.department", ["name"], own),
            ("handler", "user_id", "res.users", ["name"], [("share", "=", False)]),
            ("receiver", "receiver_id", "res.users", ["name"], [("share", "=", False)]),
        ):
            texts = {case[meaning] for case in cases if case.get(meaning)}
            found = self._find_unique(model, names, texts, domain)
            for case in cases:
                record_id = found.get(case.get(meaning))
                if record_id and case.setdefault(target, record_id) == record_id:
                    case["linked"].add(meaning)
        self._link_lots(cases, own)
        self._link_channels(cases)

    @api.model
    def _find_unique(self, model, names, texts, domain):
        """Return ``{text: id}`` where one record only has the text as its name."""
        result = {}
        # sudo: who brings the register in may not read orders, lots or staff; of
        # these only the link to a record of the chosen company is kept
        records = self.env[model].sudo()
        for name in names:
            wanted = [text for text in texts if text and text not in result]
            if not wanted:
                break
            by_text = {}
            for record in records.search_fetch([(name, "in", wanted), *domain], [name]):
                by_text.setdefault(record[name], []).append(record)
            for text, found in by_text.items():
                if len(found) > 1 and model == "res.partner":
                    found = [partner for partner in found if not partner.parent_id]
                if len(found) == 1:
                    result[text] = found[0].id
        return result

    @api.model
    def _link_lots(self, cases, domain):
        """A lot counts only with its own product; without one it tells it."""
        texts = list({case["lot"] for case in cases if case.get("lot")})
        by_name = {}
        # sudo: see `_find_unique`
        lots = self.env["stock.lot"].sudo()
        for lot in lots.search_fetch([("name", "in", texts), *domain], ["product_id"]):
            by_name.setdefault(lot.name, []).append(lot)
        for case in cases:
            product_id = case.get("product_id")
            found = [
                lot
                for lot in by_name.get(case.get("lot"), ())
                if not product_id or lot.product_id.id == product_id
            ]
            if len(found) == 1 and (
                product_id or not (case.get("product") or case.get("product_code"))
            ):
                case["lot_id"] = found[0].id
                case["product_id"] = found[0].product_id.id
                case["linked"].add("lot")

    @api.model
    def _link_channels(self, cases):
        channels = self.env["helpdesk.ticket.channel"].search(
            [("complaint_code", "!=", False)]
        )
        by_code = {channel.complaint_code: channel.id for channel in channels}
        by_name = {channel.name: channel.id for channel in channels}
        for case in cases:
            text = case.get("channel")
            code = find_choice("channel", text) if text else None
            channel_id = by_name.get(text) or by_code.get(code)
            if channel_id:
                case["channel_id"] = channel_id
                case["linked"].add("channel")

    @api.model
    def _get_unlinked_counts(self, cases):
        """Return ``{meaning: rows whose text stays text}``, for the preview."""
        counts = {}
        for meaning in ("customer", "order", "product_code", "product", "lot"):
            rows = [case for case in cases if case.get(meaning)]
            kept = [case for case in rows if meaning not in case["linked"]]
            if kept:
                counts[meaning] = len(kept)
        return counts
