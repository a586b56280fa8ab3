"""How code inside the sandbox says no."""


class Refused(Exception):  # noqa: N818 - named for what happened
    """The file is not taken in, for the reason `code`; `facts` fill the sentence that the outside makes of it."""

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts
