"""What runs inside the sandbox: opening, reading and drawing files that strangers sent.

Nothing here knows Django, the database or a key. Modules import light ones only; heavy libraries are imported where they are used.
"""
