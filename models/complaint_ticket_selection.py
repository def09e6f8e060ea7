# License AGPL-3.0 or later (https://www.gnu.org/licenses/agpl).
"""What several models offer that the complaint offers, said once."""


def ticket_selection(name):
    """Return the `selection` of a field that offers the values of a ticket field."""

    def get_selection(self):
        field = self.env["helpdesk.ticket"]._fields[name]
        return field._description_selection(self.env)

    return get_selection
