"""Log records that do not fail a test run: (regular expression, reason).

The expression is searched in `LEVEL logger: text`, where text includes the traceback.
Nothing that comes from this addon belongs here.
"""

IGNORED: list[tuple[str, str]] = [
    (
        r"\.browser: Error received after termination: AssetsLoadingError",
        "the browser was still loading scripts when the test had passed and closed it",
    ),
]
