"""Pure Python rules of the complaint system: nothing here imports Odoo."""
