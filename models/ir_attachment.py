# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ..kernel import form_mark

_RELEASE = "complaint.eightd.release"


class IrAttachment(models.Model):
    """Files that are internal forms never reach a customer (R518)."""

    _inherit = "ir.attachment"

    complaint_is_internal_form = fields.Boolean(
        string="Internal Complaint Form",
        readonly=True,
        groups="base.group_user",
        help="Found by a mark in the file, whatever its name.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        # the content decides, no client
        vals_list = [
            {k: v for k, v in vals.items() if k != "complaint_is_internal_form"}
            for vals in vals_list
        ]
        attachments = super().create(vals_list)
        attachments._check_complaint_form_public()
        return attachments

    def write(self, vals):
        if not self.env.su and "complaint_is_internal_form" in vals:
            raise UserError(self.env._("The content of a file says what it is."))
        # the chatter draws a small picture of a PDF, after its own check of access
        if not self.env.su or set(vals) != {"thumbnail"}:
            self._complaint_check_not_released()
            self._refuse_complaint_statement_files()
        result = super().write(vals)
        if {"public", "access_token"} & set(vals):
            self._check_complaint_form_public()
        if {"raw", "datas"} & set(vals):
            self._check_complaint_form_replaced()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_released(self):
        self._complaint_check_not_released()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_ended_complaint(self):
        """R512: evidence of an ended complaint stays."""
        ticket_ids = {
            attachment.res_id
            for attachment in self
            if attachment.res_model == "helpdesk.ticket" and not attachment.res_field
        }
        if not ticket_ids:
            return
        # sudo: the question is whether it is ended, whoever may read it
        tickets = self.env["helpdesk.ticket"].sudo().browse(ticket_ids).exists()
        if tickets._complaint_is_ended():
            raise UserError(
                self.env._(
                    "Files of a closed or cancelled complaint cannot be deleted."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_complaint_statement(self):
        self._refuse_complaint_statement_files()

    def _refuse_complaint_statement_files(self):
        """The files of an issued statement are what was signed: they stay."""
        files = self.filtered(
            lambda file: file.res_model == "complaint.statement" and not file.res_field
        )
        if not files:
            return
        # sudo: the question is whether they were issued, whoever may read them
        statements = self.env["complaint.statement"].sudo()
        domain = Domain("pdf_id", "in", files.ids) | Domain("xlsx_id", "in", files.ids)
        if statements.search_count(domain, limit=1):
            raise UserError(
                self.env._("The files of an issued statement cannot be changed.")
            )

    def _get_datas_related_values(self, data, mimetype):
        """Look at every file that is stored, also at copies."""
        values = super()._get_datas_related_values(data, mimetype)
        values["complaint_is_internal_form"] = form_mark.has_mark(data or b"")
        return values

    def generate_access_token(self):
        """No link for whoever has it to an internal form: its token is empty."""
        forms = self._get_complaint_internal_forms()
        others = self - forms
        tokens = dict(
            zip(
                others.ids,
                super(IrAttachment, others).generate_access_token(),
                strict=True,
            )
        )
        return [tokens.get(attachment.id, "") for attachment in self]

    def _get_complaint_internal_forms(self):
        """Return those of these files that are internal forms."""
        # sudo: the question is what the files are, whoever may read them
        found = self.sudo().filtered("complaint_is_internal_form")
        return self.browse(found.ids)

    def _check_complaint_form_public(self):
        # sudo: as above
        forms = self._get_complaint_internal_forms().sudo()
        if any(form.public or form.access_token for form in forms):
            forms._check_complaint_form_shared()

    def _check_complaint_form_shared(self):
        forms = self._get_complaint_internal_forms()
        if forms:
            raise UserError(
                self.env._(
                    "%(files)s: an internal complaint form cannot be published.",
                    # sudo: names of files that the user shares
                    files=", ".join(forms.sudo().mapped("name")),
                )
            )

    def _check_complaint_form_replaced(self):
        """A file that is sent already is not exchanged for a form."""
        forms = self._get_complaint_internal_forms()
        if forms:
            self._check_complaint_form_public()
            # sudo: whoever may read the messages
            messages = self.env["mail.message"].sudo()
            messages = messages.search([("attachment_ids", "in", forms.ids)])
            messages._check_complaint_internal_forms()

    def _check_access(self, operation):
        """Customers reach no internal form, on whatever record it hangs."""
        result = super()._check_access(operation)
        if self.env.su or self.env.user._is_internal():
            return result
        forms = self._get_complaint_internal_forms()
        if not forms:
            return result
        forbidden = forms | result[0] if result else forms
        error = self.env._("Complaint forms are not for customers.")
        return forbidden, lambda: AccessError(error)

    def _complaint_tie_to(self, record):
        """Tie files that were just uploaded to a record: who reads it reads them.

        :param record: what they prove, one record
        :raise UserError: for files of other records, which its readers may not read
        """
        # sudo: compared below; only one's own new uploads change
        files = self.sudo().filtered(
            lambda f: (f.res_model, f.res_id) != (record._name, record.id)
        )
        own = files.filtered(
            lambda f: f.create_uid == self.env.user and not f.res_id and not f.res_field
        )
        if files - own:
            raise UserError(
                self.env._(
                    "%(names)s belongs to another record. Upload a copy here.",
                    names=", ".join((files - own).mapped("name")),
                )
            )
        own.write({"res_model": record._name, "res_id": record.id, "public": False})

    def _complaint_check_not_released(self):
        """Raise for the file of an 8D release: it is what the customer got."""
        ids = [row.id for row in self if row.res_model == _RELEASE]
        if not ids:
            return
        # sudo: the question is whether it was released, whoever may read it
        releases = self.env[_RELEASE].sudo()
        if releases.search_count([("attachment_id", "in", ids)], limit=1):
            raise UserError(
                self.env._("The file of a release is evidence and cannot be changed.")
            )
