"""The workbench: what is set up and looked up, in Wagtail's admin (docs/architecture.md, decision 1)."""
