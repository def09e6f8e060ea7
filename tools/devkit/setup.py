"""Everything that has to be there before Odoo can start."""

from . import config, instance, postgres, proc, pyenv, sources, system


def prepare_build_dir() -> None:
    config.BUILD.mkdir(parents=True, exist_ok=True)
    ignore = config.BUILD / ".gitignore"
    if not ignore.exists():
        ignore.write_text("*\n", encoding="ascii")


def prepare_tools() -> None:
    """Enough for the lint: no database, no Odoo."""
    prepare_build_dir()
    with proc.exclusive("setup", "set-up of the build folder"):
        pyenv.ensure_venv()


def prepare(say_ready: bool = False) -> None:
    """Cheap when nothing is missing; safe to call from several processes."""
    prepare_build_dir()
    with proc.exclusive("setup", "set-up of the build folder"):
        system.ensure_packages()
        odoo = sources.obtain()
        pyenv.ensure_venv()
        pyenv.ensure_addon_link()
    if say_ready:
        proc.say(f"Odoo:   {odoo.addons[0]} ({odoo.origin})")
        proc.say(f"OCA:    {pyenv.oca_addons()}")
        proc.say(f"Python: {pyenv.PYTHON}")


def command(arguments) -> int:
    prepare(say_ready=True)
    if not arguments.no_template:
        with postgres.running():
            template = instance.template("deps")
            proc.say(f"template database: {template.database}")
    return 0
