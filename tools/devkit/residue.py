"""What an uninstalled addon may not leave behind, and may not take with it.

The database before the installation is compared with the one after the removal."""

from . import config, postgres

# Left out is what Odoo forgets with every addon: rows of ir_model_constraint for the
# foreign keys of removed fields, and external ids that other addons (mail) got for
# selections and parents of removed models.
SNAPSHOTS = {
    "tables": """
        SELECT table_type || ' ' || table_name FROM information_schema.tables
        WHERE table_schema = 'public'""",
    "columns": """
        SELECT table_name || '.' || column_name FROM information_schema.columns
        WHERE table_schema = 'public'""",
    "indexes": """
        SELECT tablename || '.' || indexname FROM pg_indexes
        WHERE schemaname = 'public'""",
    "constraints": """
        SELECT conrelid::regclass::text || '.' || conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype <> 'n'""",
    "triggers and functions": """
        SELECT tgname::text FROM pg_trigger WHERE NOT tgisinternal
        UNION ALL
        SELECT proname::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace""",
    "models": "SELECT model FROM ir_model",
    "fields": "SELECT model || '.' || name FROM ir_model_fields",
    "selection values": """
        SELECT f.model || '.' || f.name || '=' || s.value
        FROM ir_model_fields_selection s
        JOIN ir_model_fields f ON f.id = s.field_id""",
    "model relations": "SELECT name FROM ir_model_relation",
    "external ids": """
        SELECT module || '.' || name FROM ir_model_data
        WHERE NOT (
            module <> '{addon}' AND (name LIKE 'selection\\_\\_%'
                                     OR name LIKE 'model\\_inherit\\_\\_%')
        )""",
    "views": "SELECT id || ' ' || coalesce(key, name) FROM ir_ui_view",
    "menus": "SELECT id || ' ' || (name->>'en_US') FROM ir_ui_menu",
    "actions": "SELECT id || ' ' || (name->>'en_US') FROM ir_actions",
    "scheduled actions": "SELECT id || ' ' || cron_name FROM ir_cron",
    "configuration parameters": "SELECT key FROM ir_config_parameter",
    "record rules": "SELECT id || ' ' || name FROM ir_rule",
    "access rights": "SELECT id || ' ' || name FROM ir_model_access",
    "groups": "SELECT id || ' ' || (name->>'en_US') FROM res_groups",
    "filters": "SELECT id || ' ' || name FROM ir_filters",
    # The company that came with the demo data stays and keeps its own ones.
    "defaults": """
        SELECT id || ' ' || json_value FROM ir_default
        WHERE company_id IS NULL OR company_id = 1""",
    "sequences": """
        SELECT id || ' ' || name FROM ir_sequence
        WHERE (company_id IS NULL AND name <> 'Group Payments Number Sequence')
           OR company_id = 1""",
    "mail templates": "SELECT id || ' ' || (name->>'en_US') FROM mail_template",
    "mail subtypes": "SELECT id || ' ' || (name->>'en_US') FROM mail_message_subtype",
    "activity types": "SELECT id || ' ' || (name->>'en_US') FROM mail_activity_type",
    "mail aliases": "SELECT id || ' ' || coalesce(alias_name, '') FROM mail_alias",
}


def snapshot(database: str) -> dict[str, set[str]]:
    return {
        name: set(postgres.query(sql.replace("{addon}", config.ADDON), database))
        for name, sql in SNAPSHOTS.items()
    }


def compare(before: dict[str, set[str]], after: dict[str, set[str]]):
    """(what, left behind, lost) for each kind."""
    for name, known in before.items():
        yield name, sorted(after[name] - known), sorted(known - after[name])
